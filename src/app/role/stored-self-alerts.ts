import type { Logger } from 'pino';
import type { NotifiedSelfAlert } from '../../alert/self-alert.ts';
import { repeat } from '../../stage.ts';
import type { Database } from '../../store/database.ts';
import { readSelfAlerts, writeSelfAlerts } from '../../store/verbs/process/self-alerts.ts';
import type { SelfAlertMemory } from '../notified-self-alerts.ts';
import type { Config } from '../../config/config-schema.ts';
import type { AppDeps } from '../app.ts';
import { startSelfAlerts } from '../start-self-alerts.ts';

const EVERY_MS = 2000;

/** Starts self-alerts of a role that whoever has it next goes on with. Returns how to stop. Throws STORE_*. */
export async function startStoredSelfAlerts(
  config: Config,
  { clock, log, root, database }: AppDeps & { readonly root: string; readonly database: Database },
  role: string,
  ask: Parameters<typeof startSelfAlerts>[2],
): Promise<() => Promise<void>> {
  const stored = await openStoredSelfAlerts(database, role, log);
  const alerts = startSelfAlerts(config, { clock, log, root, memory: stored.memory }, ask);
  return async () => {
    alerts.end();
    await stored.stop();
  };
}

/** What self-alerts are kept in, and how that ends, which writes what is not written yet. */
export interface StoredSelfAlerts {
  readonly memory: (way: string) => SelfAlertMemory;
  stop(): Promise<void>;
}

/** Keeps in the database which self-alerts fire at whom, for whoever has the role next: it must resolve what this process has raised. The
 *  database may be away, which is a reason for such an alert: what could not be written is written later. Throws STORE_*. */
export async function openStoredSelfAlerts(database: Database, role: string, log: Logger): Promise<StoredSelfAlerts> {
  const before = await readSelfAlerts(database, role);
  const unwritten = new Map<string, readonly NotifiedSelfAlert[]>();
  const write = async (): Promise<void> => {
    for (const [way, notified] of unwritten) {
      await writeSelfAlerts(database, role, way, notified);
      // Something newer may have come meanwhile.
      if (unwritten.get(way) === notified) unwritten.delete(way);
    }
  };
  const loop = repeat(write, { everyMs: EVERY_MS, log, failure: 'failed to record a sent self-alert, retrying' });
  void loop.start();
  return {
    memory: (way) => ({
      notified: (before.get(way) ?? []) as readonly NotifiedSelfAlert[],
      keep: (notified) => void unwritten.set(way, notified),
    }),
    async stop() {
      await loop.stop();
      await write().catch(() => undefined);
    },
  };
}
