import { setTimeout as delay } from 'node:timers/promises';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Catalogue } from './catalogue.ts';
import type { RunbookFile } from './runbook-schema.ts';
import type { RunbookService } from './runbook-service.ts';

export interface AlertStartDeps {
  readonly catalogue: Catalogue;
  readonly service: Pick<RunbookService, 'startFor'>;
  /** Alerts that fire now. */
  readonly firing: () => Promise<readonly Alert[]>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Default 5 s. */
  readonly everyMs?: number;
}

const EVERY_MS = 5000;
/** An alert that began longer ago than this, or in the past of the stream, starts nothing. */
const FRESH_MS = 15 * 60_000;
const KNOWN_MOST = 10_000;

/** Starts runbooks for alerts that fire, where the files say so. Each occurrence of an alert starts a runbook once, over restarts and
 *  processes too. Returns what ends it. */
export function startByAlert(deps: AlertStartDeps): () => Promise<void> {
  const { catalogue, clock, log } = deps;
  const ending = new AbortController();
  const known = new Set<string>();

  async function look(): Promise<void> {
    const files = catalogue.all().flatMap(({ runbook }) => (runbook?.content.auto === undefined ? [] : [runbook.content]));
    if (files.length === 0) return;
    for (const alert of await deps.firing()) {
      for (const file of files) if (matches(file, alert, clock.now())) await startOnce(file.name, alert);
    }
  }

  async function startOnce(name: string, { fingerprint, starts_at }: Alert): Promise<void> {
    const key = `${fingerprint}@${starts_at}`;
    if (known.has(`${name} ${key}`)) return;
    const outcome = await deps.service.startFor({ fingerprint, key }, name);
    if (known.size >= KNOWN_MOST) known.clear();
    known.add(`${name} ${key}`);
    const result = outcome.kind === 'refused' ? outcome.why : outcome.kind;
    log.info({ runbook: name, alert: fingerprint, result }, 'an alert has asked for a runbook');
  }

  const loop = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await look().catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'failed to check alerts for runbooks'));
      await delay(deps.everyMs ?? EVERY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };
  const running = loop();
  return async () => {
    ending.abort();
    await running;
  };
}

/** Whether a runbook starts by itself for this alert. Pure. */
export function matches({ auto }: Pick<RunbookFile, 'auto'>, alert: Alert, now: number): boolean {
  if (auto === undefined || alert.backfill || alert.status !== 'firing') return false;
  const age = now - Date.parse(alert.starts_at);
  return age <= FRESH_MS && auto.alerts.includes(alert.type) && (auto.severities ?? ['critical']).includes(alert.severity);
}
