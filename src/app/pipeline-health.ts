import type { HealthReason } from '@transaction-guardian/contracts/health-reason.ts';
import { failureReason } from '../errors.ts';
import type { StageHealth } from '../stage.ts';
import { listStages, type PipelineStages } from './pipeline-stages.ts';

/** Health of every stage and of every receiver (`receiver:<name>`). */
export function pipelineHealth(stages: PipelineStages): Record<string, StageHealth> {
  const health: Record<string, StageHealth> = {};
  for (const stage of listStages(stages)) health[stage.name] = stage.health();
  for (const receiver of [...(stages.alert?.receivers() ?? []), ...(stages.alertmanager?.receivers() ?? [])]) {
    const { failingSince, lastError, breaker = 'closed' } = receiver;
    const open: readonly HealthReason[] = breaker === 'closed' ? [] : [{ code: `part_breaker_${breaker}`, params: {} }];
    health[`receiver:${receiver.receiver}`] =
      failingSince === null ? { status: 'ok' } : { status: 'degraded', reasons: [failureReason(lastError ?? ''), ...open] };
  }
  return health;
}
