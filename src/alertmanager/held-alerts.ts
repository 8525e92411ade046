import type { Clock } from '../clock.ts';
import type { HeldAlertElsewhere, HeldElsewhere } from './held.ts';
import { callAlertmanager } from './api.ts';
import type { AlertmanagerTarget } from './config.ts';

/** A person waits for it. */
const PATIENCE_MS = 3000;

/** Asks every Alertmanager what it holds. `hasOurs`: whether alerts of ours are sent there. Never rejects. */
export function createHeldAlerts(
  targets: readonly AlertmanagerTarget[],
  {
    clock,
    hasOurs,
    call = callAlertmanager,
  }: { readonly clock: Clock; readonly hasOurs: boolean; readonly call?: typeof callAlertmanager },
): () => Promise<HeldElsewhere> {
  return async () => {
    const answers = await Promise.all(
      targets.map(async (target) => {
        const answer = await call(target, { method: 'GET', path: '/alerts' }, { clock, signal: AbortSignal.timeout(PATIENCE_MS) });
        return {
          name: target.name,
          alerts: answer.kind === 'delivered' && Array.isArray(answer.body) ? answer.body.flatMap(readAlert) : null,
        };
      }),
    );
    const found = answers.flatMap(({ alerts }) => alerts ?? []);
    const once = [...new Map(found.map((alert) => [alert.fingerprint, alert])).values()];
    const absent = answers.flatMap(({ name, alerts }) => (alerts === null ? [name] : []));
    return { alerts: absent.length === targets.length ? null : once, absent, hasOurs };
  };
}

function readAlert(one: unknown): HeldAlertElsewhere[] {
  if (typeof one !== 'object' || one === null) return [];
  const { fingerprint, labels, annotations, startsAt, status } = one as Record<string, unknown>;
  if (typeof fingerprint !== 'string' || typeof startsAt !== 'string' || Number.isNaN(Date.parse(startsAt))) return [];
  const [named, noted] = [textsOf(labels), textsOf(annotations)];
  return [
    {
      ...{ fingerprint, startsAt },
      name: named['alertname'] ?? '?',
      severity: named['severity'] ?? '',
      labels: named,
      description: noted['description'] ?? noted['summary'] ?? '',
      isSuppressed: textsOf(status)['state'] === 'suppressed',
    },
  ];
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
