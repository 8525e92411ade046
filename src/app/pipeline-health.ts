import type { StageHealth } from '../stage.ts';
import { listStages, type PipelineStages } from './pipeline-stages.ts';

/** Health of every stage and of every receiver (`receiver:<name>`). */
export function pipelineHealth(stages: PipelineStages): Record<string, StageHealth> {
  const health: Record<string, StageHealth> = {};
  for (const stage of listStages(stages)) health[stage.name] = stage.health();
  for (const receiver of [...(stages.alert?.receivers() ?? []), ...(stages.alertmanager?.receivers() ?? [])]) {
    health[`receiver:${receiver.receiver}`] =
      receiver.failingSince === null ? { status: 'ok' } : { status: 'degraded', detail: receiver.lastError ?? '' };
  }
  return health;
}
