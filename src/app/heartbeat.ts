import { secondsToMs } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { startHeartbeat, type HeartbeatDeps } from '../proof/heartbeat.ts';

/** Begins to send beats where an address for them is configured; `undo` is given how to stop. */
export async function startConfiguredHeartbeat(
  { heartbeat }: Pick<Config, 'heartbeat'>,
  deps: HeartbeatDeps,
  undo: (name: string, step: () => Promise<void>) => void,
): Promise<void> {
  const { url, every_s: everyS, method, start: signalsStart, fail: signalsFail } = heartbeat;
  if (url === undefined) return;
  undo('heartbeat', await startHeartbeat(deps, { url, everyMs: secondsToMs(everyS), method, signalsStart, signalsFail }));
}
