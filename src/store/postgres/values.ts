import { types, type CustomTypesConfig } from 'pg';
import type { Param } from '../database.ts';

/** `int8`, `numeric` and `bytea` as the port has them: our largest numbers (epoch milliseconds, counts, offsets) stay below 2^53. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [types.builtins.INT8, Number],
  [types.builtins.NUMERIC, Number],
  [types.builtins.BYTEA, (hex) => Uint8Array.from(Buffer.from(hex.slice(2), 'hex'))],
  // Arrays of int8 and of numeric.
  [1016, (text) => numbersOf(text)],
  [1231, (text) => numbersOf(text)],
]);

const parserOf = types.getTypeParser as (oid: number, format?: 'text' | 'binary') => (text: string) => unknown;

/** How a connection reads what the server sends. */
export const TYPES: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => (format === 'binary' ? undefined : PARSERS.get(oid)) ?? parserOf(oid, format),
};

const TEXT_ARRAY = 1009;
const parseTexts = parserOf(TEXT_ARRAY) as (text: string) => (string | null)[];

function numbersOf(text: string): (number | null)[] {
  return parseTexts(text).map((item) => (item === null ? null : Number(item)));
}

/** A parameter as the client library sends it. */
export function toValue(param: Param): unknown {
  if (param instanceof Uint8Array) return Buffer.from(param.buffer, param.byteOffset, param.byteLength);
  return typeof param === 'bigint' ? param.toString() : param;
}
