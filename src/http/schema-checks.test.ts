import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import { Type } from 'typebox';
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
function rulesOf(body: unknown): string[] {
  try {
    readBody(Body, body, 'en');
    return [];
  } catch (error) {
    if (!isGuardianError(error, 'INGEST_INVALID') && !isGuardianError(error, 'INGEST_CARD_NUMBER')) throw error;
    const { errors = [] } = (error.data as { readonly problem: Pick<Problem, 'errors'> }).problem;
    return errors.map(({ field, rule }) => `${field} ${rule}`);
  }
}

test('a body that its schema describes is read as it is', () => {
  const body = { verdict: 'noise', comment: 'fim', all: true, is_late: false, at: '2026-01-01T00:00:00Z' };
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

test('a kind of field that no check exists for is a mistake of the program', () => {
  assert.throws(() => schemaChecks({ count: Type.Integer() }), TypeError);
});
