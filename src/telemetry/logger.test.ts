import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './logger.ts';

function capture(pretty = false): { lines: string[]; log: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  return { lines, log: createLogger({ level: 'debug', pretty, stream: { write: (line: string) => void lines.push(line) } }) };
}

const CARDS = ['4111111111111111', '5555 5555 5555 4444', '3782-822463-10005', '6011.0009.9013.9424'];
const digits = (text: string): string => text.replaceAll(/\D/g, '');

test('no card number reaches a line, wherever it hides', () => {
  for (const card of CARDS) {
    const { lines, log } = capture();
    log.info(`paid with ${card}`);
    log.info({ url: `/pay?card=${encodeURIComponent(card).replaceAll('%20', ' ')}` }, 'request');
    log.info({ headers: { 'x-note': card }, deep: { list: [{ value: card }] } });
    log.error({ err: new Error(`cannot charge ${card}`, { cause: new Error(`again ${card}`) }) }, 'failed');
    log.child({ customer: card }).warn('child');
    log.info('%s and %s', card, card);
    const all = lines.join('');
    assert.equal(lines.length, 6);
    for (const line of lines) JSON.parse(line);
    assert.ok(!digits(all).includes(digits(card)), all);
    assert.ok(all.includes(card.slice(-4)), 'the last digits stay, to find the case');
  }
});

test('a bare number is masked and the line stays JSON', () => {
  const { lines, log } = capture();
  log.info({ amount: 4_111_111_111_111_111, list: [5_555_555_555_554_444, 1] });
  const line = JSON.parse(lines[0] ?? '') as { amount: number; list: number[] };
  assert.notEqual(line.amount, 4_111_111_111_111_111);
  assert.notEqual(line.list[0], 5_555_555_555_554_444);
  assert.equal(line.list[1], 1);
});

test('secrets lose their value at any depth', () => {
  const { lines, log } = capture();
  log.info({
    headers: { authorization: 'Bearer s3cret-value', cookie: 'guardian_session=s3cret-value', 'Set-Cookie': ['a=s3cret-value'] },
  });
  log.info({ receiver: { url: 'http://x', token: 's3cret-value', inner: { password: { old: 's3cret-value' } } } });
  log.info('GET /?token=s3cret-value&x=1 with Bearer s3cret-value');
  log.child({ password: 's3cret-value' }).info('child');
  assert.doesNotMatch(lines.join(''), /s3cret/);
  assert.match(lines[2] ?? '', /&x=1/);
  for (const line of lines) JSON.parse(line);
});

test('what only looks similar stays as it is', () => {
  const { lines, log } = capture();
  const values = {
    tokens: 3,
    id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    uuid: '11111111-1111-4111-8111-111111111111',
    at: 1_763_827_200_123,
    amount: 120.55,
    ms: 0.123456789012,
  };
  log.info(values, 'kept');
  const line = JSON.parse(lines[0] ?? '') as typeof values & { level: string; time: string; msg: string };
  assert.deepEqual({ ...line, ...values }, line);
  assert.deepEqual([line.level, line.msg], ['info', 'kept']);
  assert.match(line.time, /^\d{4}-\d\d-\d\dT.*Z$/);
});

test('lines for people hide the same things', async () => {
  const { lines, log } = capture(true);
  log.info({ token: 's3cret-value' }, 'paid with 4111111111111111');
  await new Promise((resolve) => setImmediate(resolve));
  const all = lines.join('');
  assert.match(all, /1111/);
  assert.doesNotMatch(all, /s3cret|4111111111111111/);
});
