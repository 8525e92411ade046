import type { Incident } from '@transaction-guardian/contracts/incident.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { noteMirrored, noteUnmirrored, readUnmirrored, type UnmirroredIncident } from '../store/verbs/incident/incident-mirror.ts';
import { viewIncidents } from './incident-view.ts';
import { isOpen } from './transition.ts';

/** What the tracker is sent. */
export interface MirrorBody {
  readonly version: 1;
  readonly event: 'create' | 'update' | 'close';
  readonly incident: Incident;
}

/** Posts a body under an id that a repeat carries again; resolves with null when the tracker took it (2xx), else with why not. */
export type PostMirror = (id: string, body: MirrorBody, signal: AbortSignal) => Promise<string | null>;

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;

/** Creates the mirror to an external tracker: each incident is sent as it is now until the tracker takes it, over restarts. What
 *  changes while one is sent is sent again. */
export function createMirror(
  { database, clock, post }: { readonly database: Database; readonly clock: Clock; readonly post: PostMirror },
  { locale }: { readonly locale: Locale },
): (signal: AbortSignal) => Promise<void> {
  async function send(row: UnmirroredIncident, signal: AbortSignal): Promise<void> {
    const [incident] = await viewIncidents(database, [row], locale);
    if (incident === undefined) return;
    const event = row.mirrored_version === 0 ? 'create' : isOpen(row.state) ? 'update' : 'close';
    const error = await post(`${incident.id}.${row.version}`, { version: 1, event, incident }, signal).catch(messageOf);
    if (error === null) return noteMirrored(database, row.number, row.version);
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** row.mirror_attempts);
    return noteUnmirrored(database, row.number, { at: clock.now() + wait, error });
  }
  return async (signal) => {
    for (const row of await readUnmirrored(database, clock.now())) {
      if (signal.aborted) return;
      await send(row, signal);
    }
  };
}
