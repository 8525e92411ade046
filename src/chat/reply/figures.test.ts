import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agoText } from './figures.ts';

const MINUTE_MS = 60_000;

test('what is still to come is not told as past', () => {
  assert.deepEqual(
    [3 * 24 * 60, 90, 5, 0.2, 0, -0.5, -1, -5, -150].map((minutes) => agoText('pt-BR', minutes * MINUTE_MS)),
    ['há 3 dias', 'há 1 hora', 'há 5 minutos', 'há 1 minuto', 'há 1 minuto', 'agora', 'em 1 minuto', 'em 5 minutos', 'em 2 horas'],
  );
  assert.deepEqual(
    [5, -0.5, -5].map((minutes) => agoText('en', minutes * MINUTE_MS)),
    ['5 minutes ago', 'now', 'in 5 minutes'],
  );
});
