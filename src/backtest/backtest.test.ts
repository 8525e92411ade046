import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { needsShared, sharedFile } from '../../test/shared-data.ts';
import { isGuardianError } from '../errors.ts';
import type { BacktestOutput } from './backtest-output.ts';
import { backtest, type BacktestOptions } from './backtest.ts';
import { readBacktestRows } from '../cli/backtest-rows.ts';
import { createDetector } from '../detect/engine/create-detector.ts';
import type { StepResult } from '../detect/engine/detector.ts';
import { seededNumbers } from '../detect/forest/random.ts';

const OPTIONS: BacktestOptions = { format: 'auto', createDetector: () => createDetector({ timeZone: 'America/Sao_Paulo' }) };
const CLOUDWALK = 'data/cloudwalk/transactions.csv';

async function runText(text: string, options: BacktestOptions = OPTIONS, timeZone?: string): Promise<BacktestOutput[]> {
  const rows: BacktestOutput[] = [];
  for await (const row of backtest(readBacktestRows(textStream(text), timeZone === undefined ? {} : { timeZone }), options)) rows.push(row);
  return rows;
}

async function* textStream(text: string): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += 1000) yield text.slice(start, start + 1000);
}

suite('backtest', () => {
  test('there is one row for every minute and status, also where the file has none', async () => {
    const rows = await runText(
      'timestamp,status,count\n2025-01-01 00:02:00,approved,5\n2025-01-01 00:00:00,approved,7\n2025-01-01 00:00:00,denied,1\n',
    );
    assert.deepEqual(
      rows.map(({ timestamp, status }) => `${timestamp} ${status}`),
      ['00:00', '00:01', '00:02'].flatMap((time) => [`2025-01-01 ${time}:00 approved`, `2025-01-01 ${time}:00 denied`]),
    );
    assert.ok(rows.every(({ decision, score }) => decision === 0 && score === 0));
  });

  test('an hour that the clock repeats is two steps of a file of hours, and one that it skips is none', async () => {
    const zone = 'America/New_York';
    const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
    for (const [day, hours] of [
      ['2026-10-18T04:00Z', 21 * 24 + 1],
      ['2026-02-22T05:00Z', 21 * 24 - 1],
    ] as const) {
      const start = Date.parse(day);
      const times = Array.from({ length: hours }, (_, hour) => clock.format(start + hour * 3_600_000));
      const text = ['timestamp,status,count', ...times.map((time, hour) => `${time},approved,${1000 + (hour % 7)}`)].join('\n');
      const rows = await runText(text, OPTIONS, zone);
      assert.deepEqual(
        rows.map(({ timestamp }) => timestamp.slice(0, 16)),
        times,
      );
      assert.ok(rows.every(({ decision }) => decision === 0));
    }
  });

  test('times of one day without a date are written without one', async () => {
    const rows = await runText('time,status,f0_\n00h 01,approved,5\n00h 00,approved,7\n13:05,approved,1\n');
    assert.deepEqual(
      [rows[0]?.timestamp, rows[1]?.timestamp, rows.at(-1)?.timestamp, rows.length],
      ['00:00', '00:01', '13:05', 13 * 60 + 6],
    );
  });

  test('times without a zone are read in the zone of the product and written as they came; others are UTC', async () => {
    const sent: string[] = [];
    const options = { ...OPTIONS, onMinute: (minute: number) => void sent.push(new Date(minute).toISOString().slice(11, 16)) };
    const local = 'America/Sao_Paulo';
    const shown = async (...lines: string[]) => {
      const rows = await runText(['timestamp,status,count', ...lines].join('\n'), options, local);
      return rows.map(({ timestamp }) => timestamp.slice(11, 16));
    };
    const naive = ['2025-01-01 22:59:00,approved,5', '2025-01-01 23:01:00,approved,5'];
    assert.deepEqual(await shown(...naive), ['22:59', '23:00', '23:01']);
    assert.deepEqual(sent.splice(0), ['01:59', '02:00', '02:01']);
    assert.deepEqual(await shown('2025-01-01T22:59:00-03:00,approved,5'), ['01:59']);
    assert.deepEqual(await shown('2025-01-02T01:59:00Z,approved,5'), ['01:59']);
    const values = await runText('timestamp,value\n2025-01-01 22:59:00,5\n', OPTIONS, local);
    assert.equal(values[0]?.timestamp, '2025-01-01 22:59:00');
  });

  test('a hole that is longer than a pause is not judged as silence', async () => {
    const states: number[] = [];
    const options = { ...OPTIONS, maxGapMinutes: 10, onMinute: (_: number, { scores }: StepResult) => void states.push(scores.length) };
    const rows = await runText(
      ['timestamp,status,count', ...['00:00', '00:01', '00:03', '00:20'].map((time) => `2025-01-01 ${time}:00,approved,5`)].join('\n'),
      options,
    );
    assert.equal(rows.length, 21);
    assert.deepEqual(
      states.map((scores) => scores > 0),
      Array.from({ length: 21 }, (_, minute) => minute <= 3 || minute === 20),
    );
  });

  test('codes can be counted instead of statuses, and the guilty one is named', async () => {
    const random = seededNumbers(1);
    const lines = ['timestamp,auth_code,count'];
    for (let minute = 0; minute < 200; minute++) {
      const time = new Date(Date.UTC(2025, 0, 1, 0, minute)).toISOString();
      const means = { '00': 100, '51': 4, '59': minute >= 180 ? 30 : 2 };
      for (const [code, mean] of Object.entries(means)) lines.push(`${time},${code},${random.poisson(mean)}`);
    }
    const rows = await runText(lines.join('\n'));
    const decided = rows.find(({ decision, status }) => decision === 1 && status === '59');
    assert.equal(decided?.timestamp, '2025-01-01 03:00:00');
    assert.match(decided?.reason ?? '', /code 59/);
    assert.ok(rows.every(({ decision, timestamp }) => decision === 0 || timestamp >= '2025-01-01 03:00:00'));
  });

  test('a series of values gets a row a value and flags what stands out', async () => {
    const random = seededNumbers(2);
    const lines = ['timestamp,value'];
    for (let i = 0; i < 1000; i++) lines.push(`${1_700_000_000 + i * 300},${(20 + random.normal() + (i === 800 ? 40 : 0)).toFixed(3)}`);
    const rows = await runText(lines.join('\n'));
    assert.equal(rows.length, 1000);
    const first = rows.findIndex(({ decision }) => decision === 1);
    assert.equal(first, 800);
    assert.ok((rows[800]?.z ?? 0) > 4 && (rows[800]?.score ?? 0) >= 1);
  });

  test('rows that share a time are several series, each judged by itself under its name; without a name they are refused', async () => {
    const random = seededNumbers(3);
    const lines = ['timestamp,host,value'];
    for (let i = 0; i < 400; i++)
      for (const [host, level] of [
        ['api-1', 100],
        ['api-2', 1000],
        ['api-3', 10],
      ] as const)
        lines.push(
          `${1_700_000_000 + i * 60},${host},${(host === 'api-2' && i >= 300 && i < 320 ? 5 : level + random.normal()).toFixed(2)}`,
        );
    const rows = await runText(lines.join('\n'));
    assert.equal(rows.length, 1200);
    const decided = rows.filter(({ decision }) => decision === 1);
    assert.ok(decided.length > 0 && decided.every(({ status }) => status === 'api-2'), JSON.stringify(decided.map(({ status }) => status)));
    await assert.rejects(
      runText('timestamp,value\n1700000000,1\n1700000000,2\n'.replace('value', 'value,note').replace(/,(\d)\n/g, ',$1,\n')),
      (error: unknown) => isGuardianError(error, 'CSV_LAYOUT'),
    );
  });

  test('rows that take turns are several series although no two share a time; days of the week are one', async () => {
    const levels = { a: 1000, b: 200, c: 40 };
    const hosts = (column: string, jitter: number): string => {
      const random = seededNumbers(4);
      const rows = Array.from({ length: 300 }, (_, minute) =>
        Object.entries(levels).map(([name, level], place) => {
          const at = 1_700_000_000 + minute * 60 + place * 20 + Math.round(random.next() * jitter);
          return `${at},${name},${name === 'b' && minute >= 240 && minute < 260 ? 2 : Math.round(level + random.normal() * 2)}`;
        }),
      );
      return [`time,${column},requests`, ...rows.flat()].join('\n');
    };
    for (const text of [hosts('host', 0), hosts('host', 19), hosts('what', 0), hosts('what', 19)]) {
      const rows = await runText(text);
      assert.deepEqual([...new Set(rows.map(({ status }) => status))].toSorted(), ['a', 'b', 'c']);
      const decided = rows.filter(({ decision }) => decision === 1);
      assert.ok(decided.length > 0 && decided.every(({ status }) => status === 'b'), JSON.stringify(decided));
    }
    const days = ['sáb', 'dom', 'seg', 'ter', 'qua', 'qui', 'sex'];
    const sales = Array.from({ length: 200 }, (_, day) => {
      const date = new Date(Date.UTC(2026, 0, 3 + day)).toISOString().slice(0, 10);
      return `${date},${days[day % 7] ?? ''},${100 + (day % 7) * 3}`;
    });
    const rows = await runText(['date,dia,vendas', ...sales].join('\n'));
    assert.deepEqual([...new Set(rows.map(({ status }) => status))], ['']);
  });

  test('numbers may name the series; rows that share a time without a name, and single amounts, are refused', async () => {
    const file = (header: string, row: (minute: number) => readonly string[]): string =>
      [header, ...Array.from({ length: 300 }, (_, minute) => row(minute)).flat()].join('\n');
    const hosts = (minute: number) =>
      [1, 2, 3].map((host) => `${1_700_000_000 + minute * 60},${host},${host === 2 && minute >= 250 ? 5 : 1000 + (minute % 7)}`);
    const decided = (await runText(file('time,host_id,value', hosts))).filter(({ decision }) => decision === 1);
    assert.ok(decided.length > 0 && decided.every(({ status }) => status === '2'), JSON.stringify(decided));
    const isRefused = (error: unknown) => isGuardianError(error, 'CSV_LAYOUT') && /share the time/.test(error.message);
    await assert.rejects(runText(file('time,line,value', hosts)), isRefused);
    const amounts = (minute: number) => ['7.50', '12.10'].map((amount) => `${1_700_000_000 + minute * 60},${amount}`);
    await assert.rejects(runText(file('time,amount', amounts)), isRefused);
    const repeatedOnce = (minute: number) => [`${1_700_000_000 + Math.max(minute, 1) * 60},${100 + (minute % 3)}`];
    assert.equal((await runText(file('time,value', repeatedOnce))).length, 300, 'an export may repeat a row');
  });

  test('a minute with a blank count is not judged, neither as none nor as one', async () => {
    const lines = ['timestamp,status,count'];
    for (let minute = 0; minute < 240; minute++) {
      const time = new Date(Date.UTC(2025, 0, 1, 0, minute)).toISOString();
      lines.push(`${time},approved,${minute >= 200 && minute < 206 ? '' : 200 + (minute % 7)}`, `${time},denied,5`);
    }
    const rows = await runText(lines.join('\n'));
    assert.deepEqual(
      rows.filter(({ decision }) => decision === 1),
      [],
    );
  });

  test('a file of another format is refused, and one of wrong rows judges nothing', async () => {
    const isLayout = (error: unknown) => isGuardianError(error, 'CSV_LAYOUT') && error.message.includes('counts');
    await assert.rejects(runText('timestamp,value\n2025-01-01,2\n', { ...OPTIONS, format: 'counts' }), isLayout);
    for (const text of ['timestamp,value\nyesterday,2\n2025-02-30,2\n', 'timestamp,status,count\n2025-01-01 00:00,denied,-2\n'])
      assert.deepEqual(await runText(text), []);
  });

  test('a minute of which a count was refused is not judged, and what is missing is no fall', async () => {
    const lines = ['timestamp,status,count'];
    for (let minute = 0; minute < 200; minute++) {
      const time = new Date(Date.UTC(2026, 0, 5, 12, minute)).toISOString();
      const isBlank = minute >= 150 && minute < 160;
      lines.push(`${time},approved,${isBlank ? '' : 200 + (minute % 7)}`, `${time},denied,${6 + (minute % 2)}`);
    }
    const rows = await runText(`${lines.join('\n')}\n`);
    assert.equal(rows.filter(({ decision }) => decision === 1).length, 0);
    const unjudged = rows.filter(({ reason }) => reason.startsWith('not judged'));
    assert.deepEqual([unjudged.length, unjudged[0]?.timestamp], [20, '2026-01-05 14:30:00']);
    const fallen = await runText(`${lines.map((line) => line.replace(/approved,$/, 'approved,0')).join('\n')}\n`);
    assert.ok(
      fallen.some(({ decision }) => decision === 1),
      'a count of zero is a fall',
    );
  });

  test('a decision names the merchant at fault', async () => {
    const lines = ['timestamp,status,count,lojista'];
    for (let minute = 0; minute < 200; minute++)
      for (const shop of ['m-1', 'm-2', 'm-3']) {
        const isBad = shop === 'm-2' && minute >= 170;
        const time = new Date(Date.UTC(2026, 0, 5, 12, minute)).toISOString();
        lines.push(`${time},approved,${isBad ? 5 : 80 + (minute % 5)},${shop}`, `${time},denied,${isBad ? 78 : 4 + (minute % 3)},${shop}`);
      }
    const decided = (await runText(`${lines.join('\n')}\n`)).filter(({ decision, status }) => decision === 1 && status === 'denied');
    assert.ok(decided.length > 20);
    assert.deepEqual([...new Set(decided.slice(-10).map(({ merchant_id }) => merchant_id))], ['m-2']);
  });

  test('hourly sales with closed nights and quiet weekends: the bad afternoon is reported, hours without a row are zero', async () => {
    const random = seededNumbers(3);
    const lines = ['data;situacao;quantidade'];
    for (let hour = 0; hour < 42 * 24; hour++) {
      const [day, clock] = [Math.floor(hour / 24), hour % 24];
      if (clock < 7 || clock > 22) continue;
      const mean =
        200 * Math.sin((Math.PI * (clock - 6)) / 17) * (day % 7 > 4 ? 0.45 : 1) * (day === 30 && clock >= 14 && clock < 17 ? 0.1 : 1);
      const time = new Date(Date.UTC(2026, 0, 5, hour)).toISOString();
      lines.push(`${time};approved;${random.poisson(mean)}`, `${time};denied;${random.poisson(0.06 * mean)}`);
    }
    const rows = await runText(lines.join('\n'));
    assert.equal(rows.length, 2 * (41 * 24 + 16));
    const told = rows.filter(({ decision, timestamp }) => decision === 1 && timestamp > '2026-01-19').map(({ timestamp }) => timestamp);
    assert.ok(told.includes('2026-02-04 14:00:00'), told.join());
    assert.ok(told.filter((time) => !time.startsWith('2026-02-04')).length <= 4, told.join());
  });

  test('latencies every five minutes with holes, empty values and decimal commas: the slow hour is reported within minutes', async () => {
    const random = seededNumbers(4);
    const lines = ['ts;label;latency_ms'];
    for (let index = 0; index < 10 * 288; index++) {
      if ((index > 1500 && index < 1560) || random.next() < 0.02) continue;
      const value =
        120 *
        (1 + 0.3 * Math.sin((2 * Math.PI * index) / 288)) *
        Math.exp(0.1 * random.normal()) *
        (index >= 2500 && index < 2512 ? 2.5 : 1);
      lines.push(`${1_767_571_200 + 300 * index};0;${random.next() < 0.01 ? '' : value.toFixed(1).replace('.', ',')}`);
    }
    const rows = await runText(lines.join('\n'));
    assert.equal(rows.length, lines.length - 1);
    const told = rows.filter(({ decision }) => decision === 1).map(({ timestamp }) => timestamp);
    assert.ok(
      told.some((time) => time >= '2026-01-13 16:20' && time <= '2026-01-13 16:30:00'),
      told.join(),
    );
    assert.ok(told.filter((time) => !time.startsWith('2026-01-13 1')).length <= 3, told.join());
  });

  test('the labelled incidents of the CloudWalk file are found, without a false alarm', needsShared(CLOUDWALK), async () => {
    const labels = JSON.parse(readFileSync(sharedFile('data/cloudwalk/labels.json') ?? '', 'utf8')) as {
      transactions: { windows: { start: string; end: string; statuses: string[] }[] };
    };
    const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);
    const decided: { time: number; status: string }[] = [];
    for await (const row of backtest(readBacktestRows(createReadStream(sharedFile(CLOUDWALK) ?? '')), OPTIONS)) {
      if (row.decision === 1) decided.push({ time: at(row.timestamp), status: row.status });
    }
    const windows = labels.transactions.windows.map((window) => ({ ...window, from: at(window.start), to: at(window.end) }));
    const minute = 60_000;
    const delays = windows.map(({ from, to, statuses }) => {
      const hit = decided.find(({ time, status }) => time >= from && time <= to && statuses.includes(status));
      return hit === undefined ? Number.POSITIVE_INFINITY : (hit.time - from) / minute;
    });
    assert.ok(
      delays.every((delay) => delay <= 6),
      delays.join(),
    );
    assert.ok((delays.toSorted((a, b) => a - b)[7] ?? 9) <= 1, delays.join());
    const stray = decided.filter(({ time }) => !windows.some(({ from, to }) => time >= from - minute && time <= to + 15 * minute));
    assert.deepEqual(stray, []);
  });
});
