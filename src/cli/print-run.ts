import { setTimeout as delay } from 'node:timers/promises';
import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import { isGuardianError } from '../errors.ts';
import { progressText } from '../runbook/progress-text.ts';
import type { Cli } from './cli.ts';
import { EXIT } from './exit-codes.ts';
import type { ServerClient } from './server-client.ts';
import { zoneOfServer } from './server-zone.ts';

const LOOK_MS = 300;
/** A server that restarts is away for some seconds; one that rebuilds its state for longer. */
const PATIENCE_MS = 180_000;

/** Prints the steps of a run as they end, over a restart of the server too. `client`: rebuilt after the server was away, because it
 *  may come back on another port. The exit code is 0 for a run that is done. */
export async function printRun(cli: Cli, client: () => ServerClient, id: string): Promise<number> {
  let printed = 0;
  let away: number | undefined;
  let timeZone: string | undefined;
  let server = client();
  while (!cli.signal.aborted) {
    try {
      const record = await server.get<RunRecord>(`/runbook-runs/${encodeURIComponent(id)}`);
      away = undefined;
      timeZone ??= await zoneOfServer(server, cli.config());
      const lines = progressText(record, cli.locale, { timeZone }).split('\n');
      const settled = record.state === 'running' ? settledLines(lines) : lines;
      for (const line of settled.slice(printed)) cli.print(line);
      printed = Math.max(printed, settled.length);
      if (record.state !== 'running') return record.state === 'done' ? EXIT.ok : EXIT.failed;
    } catch (error) {
      if (!isGuardianError(error) || !error.retryable) throw error;
      if (away === undefined) cli.note(cli.say('runbook.lost'));
      away ??= cli.clock.monotonic();
      if (cli.clock.monotonic() - away > PATIENCE_MS) throw error;
      server = client();
    }
    await delay(LOOK_MS, undefined, { signal: cli.signal }).catch(() => undefined);
  }
  return EXIT.failed;
}

/** The lines that do not change any more: those before the first step that still runs. */
function settledLines(lines: readonly string[]): readonly string[] {
  const open = lines.findIndex((line) => line.includes('⏳'));
  return open === -1 ? lines.slice(0, -1) : lines.slice(0, open);
}
