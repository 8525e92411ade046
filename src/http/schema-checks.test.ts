import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { Type, type TObject } from 'typebox';
import { isGuardianError } from '../errors.ts';
import { readBody, schemaChecks } from './schema-checks.ts';

const Body = Type.Object(
  {
    verdict: Type.Enum(['useful', 'noise']),
    comment: Type.Optional(Type.String({ minLength: 1, maxLength: 5 })),
    all: Type.Optional(Type.Literal(true)),
    is_late: Type.Optional(Type.Boolean()),
    at: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { additionalProperties: false },
);

/** Fields and rules of the refusal of a body; [] when it is right. */
function rulesOf(body: unknown, schema: TObject = Body): string[] {
  try {
    readBody(schema, body, 'en');
    return [];
  } catch (error) {
    if (!isGuardianError(error, 'INGEST_INVALID') && !isGuardianError(error, 'INGEST_CARD_NUMBER')) throw error;
    const { errors = [] } = (error.data as { readonly problem: Pick<Problem, 'errors'> }).problem;
    return errors.map(({ field, rule }) => `${field} ${rule}`);
  }
}

test('a body that its schema describes is read as it is', () => {
  const body = { verdict: 'noise', comment: 'fim', all: true, is_late: false, at: '2026-01-01T00:00:00.000Z' };
  assert.deepEqual(readBody(Body, body, 'en'), body);
});

test('every limit of the schema is a rule of its field', () => {
  assert.deepEqual(rulesOf({ verdict: 'bad', comment: 'longer', all: false, is_late: 'yes', more: 1 }), [
    'verdict enum',
    'comment too_long',
    'all enum',
    'is_late enum',
    'more unknown_field',
  ]);
});

test('a missing field is reported once the others are right, and a list is no object', () => {
  assert.deepEqual(rulesOf({}), ['verdict required']);
  assert.deepEqual(rulesOf({ comment: '' }), ['comment empty']);
  assert.deepEqual(rulesOf([]), ['(body) type']);
});

const Nested = Type.Object(
  {
    once: Type.Optional(Type.Object({ at: Type.String({ format: 'date-time' }), minutes: Type.Integer({ minimum: 1, maximum: 5 }) })),
    names: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 5 }), { minItems: 1, maxItems: 2 })),
    path: Type.Optional(Type.String({ pattern: '^/[a-z]+$' })),
    note: Type.Optional(Type.String({ maxLength: 5 })),
  },
  { additionalProperties: false },
);

test('objects, lists, numbers, patterns and times inside of a body are held to their schema, and times come back in UTC', () => {
  const body = { once: { at: '2026-01-01T00:00:00-03:00', minutes: 5 }, names: ['a'], path: '/page', note: '' };
  assert.deepEqual(readBody(Nested, body, 'en'), { ...body, once: { at: '2026-01-01T03:00:00.000Z', minutes: 5 } });
  for (const [wrong, rules] of [
    [{ once: { minutes: 6 } }, ['once.minutes maximum']],
    [{ once: { minutes: 1 } }, ['once.at required']],
    [{ once: { minutes: 1.5, at: 'today', more: 1 } }, ['once.minutes integer', 'once.at timestamp_zone', 'once.more unknown_field']],
    [{ once: [] }, ['once type']],
    [{ names: [] }, ['names list']],
    [{ names: ['a', 7] }, ['names[1] type']],
    [{ path: '//host' }, ['path pattern']],
    [{ path: '' }, ['path empty']],
  ] as const)
    assert.deepEqual(rulesOf(wrong, Nested), rules);
});

test('a kind of field that no check exists for is a mistake of the program', () => {
  assert.throws(() => schemaChecks({ count: Type.Null() }), TypeError);
});
