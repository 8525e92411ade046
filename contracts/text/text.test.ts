import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressLine } from '../run-progress.ts';
import { en } from './en.ts';
import { pluginEn } from './plugin-en.ts';
import { pluginPtBr } from './plugin-pt-br.ts';
import { ptBr } from './pt-br.ts';
import { momentText } from './render-text.ts';
import { chooseLocale, reasonText, text } from './text.ts';

const names = (template: string) => new Set([...template.matchAll(/\{([a-z_0-9]+)/gi)].map((match) => match[1]));

test('both languages use the same parameters in every text', () => {
  const english: Readonly<Record<string, string>> = { ...en, ...pluginEn };
  for (const [key, template] of Object.entries({ ...ptBr, ...pluginPtBr })) {
    assert.deepEqual(names(english[key] ?? ''), names(template), key);
  }
});

test('numbers follow the locale and plurals follow the number', () => {
  assert.equal(text('pt-BR', 'console.tile.hour_total', { n: 12_345 }), '12.345 na última hora');
  assert.equal(text('en', 'console.tile.hour_total', { n: 12_345 }), '12,345 in the last hour');
  assert.equal(text('pt-BR', 'console.tile.anomalies_open', { n: 1 }), '1 aberta');
  assert.equal(text('pt-BR', 'console.tile.anomalies_open', { n: 2 }), '2 abertas');
  const huge = reasonText('pt-BR', { code: 'value', params: { observed: 1e300, expected: 2, z: 5 } });
  assert.equal(huge, '1E300 contra 2,00 esperado (z +5)');
});

test('what the chat offers about a run that goes on is what the console and the channels ask for', () => {
  for (const locale of ['pt-BR', 'en'] as const) {
    const line = text(locale, 'chat.say.progress');
    assert.equal(progressLine(['status', line]), line);
  }
  assert.equal(progressLine(['status', 'cancelar']), undefined);
});

test('a missing parameter stays visible', () => {
  assert.equal(text('en', 'console.badge.replay'), 'Replay · {at}');
});

test('what is expected agrees with what is counted', () => {
  const params = { observed: 32, expected: 6, z: 10.4 };
  assert.equal(
    reasonText('pt-BR', { code: 'above', params: { what: 'denied', ...params } }),
    'negadas 32,0/min contra 6,0 esperadas (z +10,4)',
  );
  assert.equal(
    reasonText('pt-BR', { code: 'above', params: { what: 'total', ...params } }),
    'total 32,0/min contra 6,0 esperados (z +10,4)',
  );
});

test('a time of another day names its day when the reader has a now', () => {
  const since = { code: 'since', params: { at: '2025-07-13T06:42:00Z' } };
  assert.equal(reasonText('pt-BR', since), 'desde 03:42');
  assert.equal(reasonText('pt-BR', since, { nowMs: Date.parse('2025-07-13T20:00:00Z') }), 'desde 03:42');
  assert.equal(reasonText('pt-BR', since, { nowMs: Date.parse('2025-07-14T06:41:00Z') }), 'desde 13/07, 03:42');
  const aYearLater = { nowMs: Date.parse('2026-07-13T20:00:00Z') };
  assert.equal(reasonText('pt-BR', since, aYearLater), 'desde 13/07/2025, 03:42');
  assert.equal(reasonText('en', since, aYearLater), 'since 13 Jul 2025, 03:42');
});

test('a period over midnight names both of its days, whichever of them is today', () => {
  const period = { from: Date.parse('2026-11-28T21:00:00Z'), to: Date.parse('2026-11-29T08:59:00Z') };
  const range = (locale: 'pt-BR' | 'en', nowMs: string) =>
    text(locale, 'chat.period.range', period, { timeZone: 'America/Sao_Paulo', nowMs: Date.parse(nowMs) });
  assert.equal(range('en', '2026-11-29T12:00:00Z'), '28 Nov, 18:00–29 Nov, 05:59');
  assert.equal(range('pt-BR', '2026-11-29T12:00:00Z'), '28/11, 18:00–29/11, 05:59');
  assert.equal(range('pt-BR', '2026-11-28T22:00:00Z'), '18:00–29/11, 05:59');
  assert.equal(range('pt-BR', '2027-01-02T12:00:00Z'), '28/11/2026, 18:00–29/11, 05:59');
  const alert = { started: '2026-11-29T02:50:00Z', ended: '2026-11-29T03:10:00Z', minutes: 20 };
  assert.equal(text('pt-BR', 'alert.message.resolved_at', alert), 'Hora: 23:50–29/11, 00:10 (20 min)');
  assert.equal(text('en', 'alert.message.resolved_at', { ...alert, ended: '2026-11-29T02:59:00Z' }), 'Time: 23:50–23:59 (20 min)');
});

test('roles are named in the words of the reader, with the word of the configuration', () => {
  assert.equal(text('pt-BR', 'chat.not_allowed', { role: 'operator' }), 'Você não tem permissão: é preciso o papel de operador (operator)');
  assert.equal(
    text('pt-BR', 'runbook.refused.role', { roles: 'approver, admin' }),
    'Este runbook exige o papel de aprovador (approver) ou administrador (admin).',
  );
  assert.equal(text('en', 'runbook.refused.role', { roles: 'approver, admin' }), 'This runbook needs the role approver or admin.');
});

test('the year changes at midnight of the zone', () => {
  const before = Date.parse('2026-01-01T02:30:00Z');
  const after = Date.parse('2026-01-01T03:30:00Z');
  const zone = { timeZone: 'America/Sao_Paulo' };
  assert.equal(momentText('pt-BR', before, { ...zone, nowMs: after }), '31/12/2025, 23:30');
  assert.equal(momentText('pt-BR', before, { ...zone, nowMs: before }), '23:30');
  assert.equal(momentText('pt-BR', before, { ...zone, nowMs: before - 2 * 86_400_000 }), '31/12, 23:30');
});

test('what may be read years later names its year', () => {
  const at = Date.parse('2025-07-13T06:42:00Z');
  assert.equal(momentText('pt-BR', at, { timeZone: 'America/Sao_Paulo' }, 'datetime'), '13/07/2025, 03:42');
});

test('a reason that the catalogue does not know shows its code', () => {
  assert.equal(reasonText('en', { code: 'not_there', params: {} }), 'not_there');
});

test('the language is the first known one of Accept-Language', () => {
  assert.equal(chooseLocale('fr, en-US;q=0.8, pt;q=0.5', 'pt-BR'), 'en');
  assert.equal(chooseLocale('pt-PT', 'en'), 'pt-BR');
  assert.equal(chooseLocale(undefined, 'pt-BR'), 'pt-BR');
});
