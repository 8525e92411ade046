import type { CanaryEvent } from '@transaction-guardian/contracts/canary.ts';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { parseRecord } from '../topic/parse-record.ts';

/** An event of an anomaly or of a test transaction, or why the bytes are none; the reason names field and rule, never a value. */
export type ParsedEvent =
  | { readonly kind: 'event'; readonly event: AnomalyEvent }
  | { readonly kind: 'canary'; readonly event: CanaryEvent }
  | { readonly kind: 'invalid'; readonly reason: string };

const EVENTS: ReadonlySet<unknown> = new Set(['opened', 'updated', 'resolved']);
/** Reads a record of `guardian.anomalies`. Never throws. */
type ParseEvent = (value: Uint8Array) => ParsedEvent;

let loading: Promise<ParseEvent> | undefined;

/** The reader of events. Its validator is loaded with the first call: a start does not need it and would wait 0.2 s for it. */
export function eventParser(): Promise<ParseEvent> {
  loading ??= loadEventParser();
  return loading;
}

async function loadEventParser(): Promise<ParseEvent> {
  const [{ Compile }, { Anomaly }] = await Promise.all([import('typebox/compile'), import('@transaction-guardian/contracts/anomaly.ts')]);
  const anomalySchema = Compile(Anomaly);
  return (value) => {
    const parsed = parseRecord<AnomalyEvent | CanaryEvent>(value, (event) => brokenRule(event, anomalySchema));
    if (parsed.kind !== 'value') return parsed;
    return parsed.value.event === 'canary' ? { kind: 'canary', event: parsed.value } : { kind: 'event', event: parsed.value };
  };
}

/** What the check of an anomaly needs of a compiled schema. */
interface AnomalySchema {
  Check(value: unknown): boolean;
  Errors(value: unknown): readonly { readonly instancePath?: string; readonly message?: string }[];
}

function brokenRule(
  event: Readonly<Partial<Record<keyof AnomalyEvent | keyof CanaryEvent, unknown>>>,
  anomalySchema: AnomalySchema,
): string | null {
  if (event.v !== 1) return 'v: must be 1';
  if (event.event === 'canary') return Number.isSafeInteger(event.sent_at) ? null : 'sent_at: must be epoch milliseconds';
  if (!EVENTS.has(event.event)) return 'event: must be opened, updated, resolved or canary';
  if (!Number.isSafeInteger(event.sequence)) return 'sequence: must be an integer';
  if (anomalySchema.Check(event.anomaly)) return null;
  const first = anomalySchema.Errors(event.anomaly)[0];
  return `anomaly${(first?.instancePath ?? '').replaceAll('/', '.')}: ${first?.message ?? 'must be an anomaly'}`;
}
