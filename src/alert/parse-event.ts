import { Compile } from 'typebox/compile';
import { Anomaly, type AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { messageOf } from '../errors.ts';

/** An event, or why the bytes are none; the reason names field and rule, never a value. */
export type ParsedEvent = { readonly kind: 'event'; readonly event: AnomalyEvent } | { readonly kind: 'invalid'; readonly reason: string };

const EVENTS: ReadonlySet<unknown> = new Set(['opened', 'updated', 'resolved']);
const anomalySchema = Compile(Anomaly);

/** Reads a record of `guardian.anomalies`. Never throws. */
export function parseEvent(value: Uint8Array): ParsedEvent {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (error) {
    return { kind: 'invalid', reason: `not JSON: ${messageOf(error).slice(0, 80)}` };
  }
  const reason = brokenRule(json);
  return reason === null ? { kind: 'event', event: json as AnomalyEvent } : { kind: 'invalid', reason };
}

function brokenRule(json: unknown): string | null {
  if (typeof json !== 'object' || json === null) return '(body): must be an object';
  const event = json as Partial<Record<keyof AnomalyEvent, unknown>>;
  if (event.v !== 1) return 'v: must be 1';
  if (!EVENTS.has(event.event)) return 'event: must be opened, updated or resolved';
  if (!Number.isSafeInteger(event.sequence)) return 'sequence: must be a whole number';
  if (anomalySchema.Check(event.anomaly)) return null;
  const first = anomalySchema.Errors(event.anomaly)[0];
  return `anomaly${(first?.instancePath ?? '').replaceAll('/', '.')}: ${first?.message ?? 'must be an anomaly'}`;
}
