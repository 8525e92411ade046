import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { AlertState } from '@transaction-guardian/contracts/alert-state.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
import type { WordingOptions } from '../wording.ts';

/** An alert in a message, with who has acknowledged it: the annotations `acknowledged_by` and `acknowledged_until`, and a line of
 *  the texts that people read. Unchanged where nobody has. Pure. */
export function withOwner(alert: Alert, state: AlertState | undefined, { locale, timeZone }: WordingOptions): Alert {
  if (state === undefined || state.acknowledged_by === null) return alert;
  const { acknowledged_by: owner, acknowledged_at: at, acknowledged_until: until } = state;
  const line = text(
    locale,
    'alert.acknowledged',
    { name: owner.name, at: at ?? alert.updated_at },
    { timeZone, nowMs: Date.parse(alert.updated_at) },
  );
  const longer = Object.fromEntries(['summary', 'message'].map((name) => [name, `${alert.annotations[name] ?? ''}\n${line}`]));
  return {
    ...alert,
    annotations: {
      ...alert.annotations,
      ...longer,
      acknowledged_by: owner.name,
      ...(until === null ? {} : { acknowledged_until: until }),
    },
  };
}
