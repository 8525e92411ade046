/** An alert of Alertmanager's webhook, version 4. */
export interface IncomingAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly fingerprint: string;
}
export interface IncomingGroup {
  readonly groupKey: string;
  readonly truncatedAlerts: number;
  readonly alerts: readonly IncomingAlert[];
}

/** Control characters but the line break, and marks of direction. */
const UNSEEN = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
/** Most alerts of a body that are read; Alertmanager sorts them, and says how many it left out. */
const MOST_ALERTS = 2000;

/** Reads a body of `POST /webhook/alertmanager`. Gives the field and the rule where something is wrong. */
export function readPayload(body: unknown): { readonly group: IncomingGroup } | { readonly problem: string } {
  const { version, groupKey, alerts, truncatedAlerts } = recordOf(body);
  if (version !== '4') return { problem: 'version: must be "4"' };
  if (typeof groupKey !== 'string' || groupKey === '') return { problem: 'groupKey: must be a text' };
  if (!Array.isArray(alerts) || alerts.length === 0) return { problem: 'alerts: must be a list of at least one' };
  if (alerts.length > MOST_ALERTS) return { problem: `alerts: at most ${MOST_ALERTS}` };
  const read = alerts.map(readAlert);
  const [wrong] = read.flatMap((alert, at) => (typeof alert === 'string' ? [`alerts[${at}].${alert}`] : []));
  if (wrong !== undefined) return { problem: wrong };
  const left = typeof truncatedAlerts === 'number' && truncatedAlerts > 0 ? Math.floor(truncatedAlerts) : 0;
  return { group: { groupKey, truncatedAlerts: left, alerts: read.filter((alert) => typeof alert !== 'string') } };
}

function readAlert(value: unknown): IncomingAlert | string {
  const { status, labels, annotations, startsAt, endsAt, fingerprint } = recordOf(value);
  if (status !== 'firing' && status !== 'resolved') return 'status: must be firing or resolved';
  if (typeof startsAt !== 'string' || Number.isNaN(Date.parse(startsAt))) return 'startsAt: must be a time (RFC 3339)';
  if (typeof fingerprint !== 'string' || fingerprint === '') return 'fingerprint: must be a text';
  return {
    status,
    labels: textsOf(labels),
    annotations: textsOf(annotations),
    startsAt,
    endsAt: typeof endsAt === 'string' ? endsAt : '',
    fingerprint,
  };
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Texts by name, without control characters but line breaks. */
function textsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(recordOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(entries.map(([name, text]) => [name, text.replaceAll(UNSEEN, '')]));
}
