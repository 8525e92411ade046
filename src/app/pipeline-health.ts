import type { StageHealth } from '../stage.ts';
import { listStages, type PipelineStages } from './pipeline-stages.ts';

/** Health of every stage and of every receiver (`receiver:<name>`). */
export function pipelineHealth(stages: PipelineStages): Record<string, StageHealth> {
  const health: Record<string, StageHealth> = {};
  for (const stage of listStages(stages)) health[stage.name] = stage.health();
  for (const receiver of [...(stages.alert?.receivers() ?? []), ...(stages.alertmanager?.receivers() ?? [])]) {
    const { failingSince, lastError, breaker = 'closed' } = receiver;
    const detail = `${lastError ?? ''}${breaker === 'closed' ? '' : `; breaker ${breaker.replace('_', '-')}`}`;
    health[`receiver:${receiver.receiver}`] = failingSince === null ? { status: 'ok' } : { status: 'degraded', detail };
  }
  return health;
}
