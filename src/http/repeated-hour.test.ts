import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestServer } from './server-under-test.ts';

const MINUTE = 60_000;

async function serverAt(now: string, timeZone = 'America/New_York') {
  const clock = { at: Date.parse(now), now: () => clock.at, monotonic: () => clock.at };
  const { app, bus } = await createTestServer({ ingest: { clock, timeZone }, deps: { clock } });
  return {
    /** Sends a body; its answer. */
    send: async (url: string, type: string, payload: string) =>
      (await app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload })).json<Record<string, unknown>>(),
    /** Event times of what is on the log, hours and minutes in UTC. */
    times: () => bus.records.map(({ occurred_at: at }) => new Date(at).toISOString().slice(11, 16)),
  };
}

/** Local times of 00:58 to 02:01 with 01:00 to 01:59 twice, as a database exports them. */
function autumnNight(): string[] {
  const rows: string[] = [];
  for (let at = Date.parse('2026-11-01T04:58Z'); at <= Date.parse('2026-11-01T07:01Z'); at += MINUTE) {
    const offset = at < Date.parse('2026-11-01T06:00Z') ? 4 : 5;
    rows.push(new Date(at - offset * 60 * MINUTE).toISOString().slice(0, 19).replace('T', ' '));
  }
  return rows;
}

const everyMinute = Array.from({ length: 124 }, (_, minute) =>
  new Date(Date.parse('2026-11-01T04:58Z') + minute * MINUTE).toISOString().slice(11, 16),
);

test('the repeated hour of an uploaded file counts into two hours, as CSV, NDJSON and array', async () => {
  const rows = autumnNight();
  const objects = rows.map((timestamp) => ({ timestamp, status: 'approved', count: 40 }));
  for (const [type, body] of [
    ['text/csv', ['timestamp,status,count', ...rows.map((time) => `${time},approved,40`)].join('\n')],
    ['application/x-ndjson', objects.map((row) => JSON.stringify(row)).join('\n')],
    ['application/json', JSON.stringify(objects)],
  ] as const) {
    const { send, times } = await serverAt('2026-11-02T12:00:00Z');
    const answer = await send('/transactions/batch', type, body);
    assert.equal(answer['accepted'], 124, type);
    assert.deepEqual(times(), everyMinute, type);
  }
});

test('counts by the hour and a clock change of half an hour too', async () => {
  const hourly = await serverAt('2026-11-02T12:00:00Z');
  const hours = ['00', '01', '01', '02'].flatMap((hour) => [`2026-11-01 ${hour}:00,approved,9`, `2026-11-01 ${hour}:00,denied,1`]);
  await hourly.send('/transactions/batch', 'text/csv', ['timestamp,status,count', ...hours].join('\n'));
  assert.deepEqual(
    hourly.times().filter((_, index) => index % 2 === 0),
    ['04:00', '05:00', '06:00', '07:00'],
  );
  const howe = await serverAt('2026-04-06T12:00:00Z', 'Australia/Lord_Howe');
  const half = ['01:00', '01:15', '01:30', '01:45', '01:30', '01:45', '02:00'].map((time) => `2026-04-05 ${time},approved,9`);
  await howe.send('/transactions/batch', 'text/csv', ['timestamp,status,count', ...half].join('\n'));
  assert.deepEqual(howe.times(), ['14:00', '14:15', '14:30', '14:45', '15:00', '15:15', '15:30']);
});

test('a live record is of the pass in which it comes', async () => {
  const item = JSON.stringify({ status: 'approved', timestamp: '2026-11-01T01:30:00' });
  for (const [now, expected] of [
    ['2026-11-01T05:30:10Z', '05:30'],
    ['2026-11-01T06:30:10Z', '06:30'],
  ] as const) {
    for (const url of ['/transaction', '/transactions/batch']) {
      const { send, times } = await serverAt(now);
      await send(url, 'application/json', url === '/transaction' ? item : `[${item}]`);
      assert.deepEqual(times(), [expected], url);
    }
  }
});

test('a local time without one instant is refused by its name', async () => {
  const { send, times } = await serverAt('2026-11-02T12:00:00Z');
  const ruleOf = async (timestamp: string): Promise<unknown> => {
    const { errors } = await send('/transaction', 'application/json', JSON.stringify({ status: 'approved', timestamp }));
    const [first] = errors as { readonly field: string; readonly rule: string }[];
    return `${first?.field} ${first?.rule}`;
  };
  assert.equal(await ruleOf('2026-03-08T02:30:00'), 'timestamp timestamp_skipped');
  assert.equal(await ruleOf('2026-11-01T01:30:00'), 'timestamp timestamp_repeated');
  assert.deepEqual(times(), []);
});
