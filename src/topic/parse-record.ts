import { messageOf } from '../errors.ts';

/** What a bus record holds, or why it holds none; the reason names field and rule, never a value. */
export type ParsedRecord<T> = { readonly kind: 'value'; readonly value: T } | { readonly kind: 'invalid'; readonly reason: string };

/** Reads a JSON object from the bytes of a bus record. `brokenRule`: which field breaks which rule, null when it is a `T`.
 *  Never throws. */
export function parseRecord<T>(
  bytes: Uint8Array,
  brokenRule: (fields: Readonly<Partial<Record<keyof T, unknown>>>) => string | null,
): ParsedRecord<T> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return { kind: 'invalid', reason: `not JSON: ${messageOf(error).slice(0, 80)}` };
  }
  if (typeof json !== 'object' || json === null) return { kind: 'invalid', reason: '(body): must be an object' };
  const reason = brokenRule(json as Partial<Record<keyof T, unknown>>);
  return reason === null ? { kind: 'value', value: json as T } : { kind: 'invalid', reason };
}
