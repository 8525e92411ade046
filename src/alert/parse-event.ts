import { Compile } from 'typebox/compile';
import { Anomaly, type AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { parseRecord } from '../topic/parse-record.ts';

/** An event, or why the bytes are none; the reason names field and rule, never a value. */
export type ParsedEvent = { readonly kind: 'event'; readonly event: AnomalyEvent } | { readonly kind: 'invalid'; readonly reason: string };

const EVENTS: ReadonlySet<unknown> = new Set(['opened', 'updated', 'resolved']);
const anomalySchema = Compile(Anomaly);

/** Reads a record of `guardian.anomalies`. Never throws. */
export function parseEvent(value: Uint8Array): ParsedEvent {
  const parsed = parseRecord<AnomalyEvent>(value, brokenRule);
  return parsed.kind === 'value' ? { kind: 'event', event: parsed.value } : parsed;
}

function brokenRule(event: Readonly<Partial<Record<keyof AnomalyEvent, unknown>>>): string | null {
  if (event.v !== 1) return 'v: must be 1';
  if (!EVENTS.has(event.event)) return 'event: must be opened, updated or resolved';
  if (!Number.isSafeInteger(event.sequence)) return 'sequence: must be an integer';
  if (anomalySchema.Check(event.anomaly)) return null;
  const first = anomalySchema.Errors(event.anomaly)[0];
  return `anomaly${(first?.instancePath ?? '').replaceAll('/', '.')}: ${first?.message ?? 'must be an anomaly'}`;
}
