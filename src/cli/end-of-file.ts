import { MINUTE_MS, minuteOf, secondsToMs } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Cli } from './cli.ts';
import type { ServerClient } from './server-client.ts';

/** Says that a file ends at `lastMs` (event time, epoch milliseconds): minutes close when something later comes, and
 *  after a file nothing does. A file that reaches up to now is left alone: what comes next closes it. Not being able to
 *  say it is of no consequence for what was sent. */
export async function reportEndOfFile(
  cli: Cli,
  client: ServerClient,
  { lastMs, lateS }: { readonly lastMs: number; readonly lateS: number },
): Promise<void> {
  const at = minuteOf(lastMs) + MINUTE_MS + secondsToMs(lateS);
  if (at > cli.clock.now()) return;
  const body = JSON.stringify({ source: 'csv', at: new Date(at).toISOString(), backfill: true });
  try {
    await client.request('/heartbeat', { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: cli.signal });
  } catch (error) {
    cli.note(messageOf(error));
  }
}
