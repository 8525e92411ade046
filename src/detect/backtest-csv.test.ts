import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readNumber, readTime } from './backtest-field.ts';
import { readBacktestCsv, type BacktestRow } from './backtest-csv.ts';

async function read(text: string): Promise<BacktestRow[]> {
  async function* chunks(): AsyncGenerator<string> {
    for (let start = 0; start < text.length; start += 7) yield text.slice(start, start + 7);
  }
  const rows: BacktestRow[] = [];
  for await (const row of readBacktestCsv(chunks())) rows.push(row);
  return rows;
}

const NOON = Date.UTC(2025, 6, 12, 12);

suite('files of a backtest', () => {
  test('a row reads the same whatever the columns are called and whatever separates them', async () => {
    const wanted = [{ kind: 'value', timestamp: NOON, value: 1234.5 }];
    for (const text of [
      'timestamp,value\n2025-07-12 12:00:00,1234.5\n',
      '\ufeffvalue,timestamp,label\n1234.5,2025-07-12T12:00:00Z,0\n',
      'Data/Hora;Valor\n2025-07-12 12:00;1.234,5\n',
      'Data;Valor\n12/07/2025 12:00:00;1234,5\n',
      'ts\tlatency_ms\r\n1752321600\t1234,5\r\n',
      'date,label,requests per minute\n2025-07-12T09:00:00-03:00,1,1234.5\n\n',
      'time,count\n1752321600000,1234.5\n',
      'Data e hora;Vendas;Loja\n12/07/2025 12:00;1.234,5;centro\n',
      'shop,when,orders\ndowntown,2025-07-12 12:00:00,1234.5\n',
    ])
      assert.deepEqual(
        (await read(text)).map(({ kind, timestamp, ...row }) => ({ kind, timestamp, value: row.value })),
        wanted,
        text,
      );
  });

  test('counts by status or code are told from values, and statuses may be in capitals', async () => {
    assert.deepEqual(await read('count,Status,time\n3,Denied,2025-07-12 12:00:00\n'), [
      { kind: 'status', timestamp: NOON, name: 'denied', value: 3, offsetMs: 0 },
    ]);
    assert.deepEqual(await read('timestamp,auth_code,f0_\n2025-07-12 12:00:00,51,\n'), [
      { kind: 'auth_code', timestamp: NOON, name: '51', value: NaN, offsetMs: 0 },
    ]);
  });

  test('several columns of numbers without a usual name are refused, as is a header in another encoding', async () => {
    await assert.rejects(read('time,sales,visits\n2025-07-12 12:00:00,1,2\n'), /Several columns have numbers \(sales, visits\)/);
    await assert.rejects(read('day of week,sales\n3,1\n'), /not a column of times/);
    await assert.rejects(read('Data;Transa\uFFFD\uFFFDes\n12/07/2025;1\n'), /not UTF-8/);
  });

  test('one transaction a row, and a column for each status, are counts by status', async () => {
    const one = { kind: 'status', timestamp: NOON, name: 'denied', value: 1, offsetMs: 0 } as const;
    for (const text of ['id,timestamp,status,amount\n7,2025-07-12 12:00:00,denied,49.90\n', 'Data;Situação\n12/07/2025 12:00;DENIED\n'])
      assert.deepEqual(await read(text), [one], text);
    assert.deepEqual(await read('timestamp,auth_code,amount\n2025-07-12T12:00Z,51,3.50\n'), [
      { kind: 'auth_code', timestamp: NOON, name: '51', value: 1 },
    ]);
    assert.deepEqual(await read('time,Approved,denied,backend-reversed\n2025-07-12T12:00Z,118,,2\n'), [
      { kind: 'status', timestamp: NOON, name: 'approved', value: 118 },
      { kind: 'status', timestamp: NOON, name: 'denied', value: 0 },
      { kind: 'status', timestamp: NOON, name: 'backend_reversed', value: 2 },
    ]);
    await assert.rejects(
      read('timestamp,status,valor\n2025-07-12 12:00,denied,3\n'),
      /"valor" beside a status may be a count or an amount/,
    );
  });

  test('a blank count is missing, a word that is no status is refused with the nearest, two columns of one name are refused', async () => {
    const [row] = await read('timestamp,status,count\n2025-07-12 12:00,denied,\n');
    assert.ok(row !== undefined && Number.isNaN(row.value));
    await assert.rejects(read('timestamp,status\n2025-07-12 12:00,Succes\n'), /expected one of approved.*\(success\?\); got "Succes"/);
    await assert.rejects(read('timestamp,value,value\n2025-07-12 12:00,1,2\n'), /Two columns are named "value"/);
  });

  test('the whole file decides what 1.500 is, or the number is refused', async () => {
    const valuesOf = async (...cells: string[]) =>
      (await read(`timestamp;count\n${cells.map((cell) => `2025-07-12 12:00;${cell}`).join('\n')}\n`)).map(({ value }) => value);
    assert.deepEqual(await valuesOf('1.500', '2.345,67'), [1500, 2345.67]);
    await assert.rejects(valuesOf('1.500', '980'), /column "count": expected a number that can be read in one way only/);
    assert.deepEqual(
      (await read('timestamp,value\n2025-07-12 12:00,12.345\n')).map(({ value }) => value),
      [12.345],
    );
  });

  test('a day and a time of day in two columns are one time', async () => {
    const rows = await read('date,time,status,count\n2025-07-11,12h 00,denied,1\n2025-07-12,12:00,denied,2\n');
    assert.deepEqual(
      rows.map(({ timestamp }) => timestamp),
      [NOON - 86_400_000, NOON],
    );
  });

  test('dates with slashes are read in the order that the file shows, wherever it shows it', async () => {
    const times = async (...texts: string[]) =>
      (await read(`time,value\n${texts.map((text) => `${text},1\n`).join('')}`)).map(({ timestamp }) => timestamp);
    assert.deepEqual(await times('12/07/2025 12:00', '13/07/2025 12:00'), [NOON, NOON + 86_400_000]);
    assert.deepEqual(await times('7/12/2025 12:00 PM', '7/13/2025 12:30 AM'), [NOON, NOON + 12.5 * 3_600_000]);
    assert.deepEqual(await times('11/07/2025', '12/07/2025'), [NOON - 36 * 3_600_000, NOON - 12 * 3_600_000], 'closest together');
    assert.deepEqual(await times('12/07/2025 12:00'), [NOON]);
    assert.deepEqual(await times('07/12/2025 12:00 PM'), [NOON]);
    await assert.rejects(times('13/07/2025', '07/13/2025'), /Line 3, column "time"/);
  });

  test('a missing header and wrong quotes are named', async () => {
    await assert.rejects(read('2025-07-12 12:00:00,denied,3\n'), /the first line is data: 2025-07-12 12:00:00,denied,3/);
    await assert.rejects(read('time,value\n2025-07-12,1\n2025-07-13,"2\n2025-07-14,3\n'), /Line 3: a quote/);
  });

  test('an empty file is refused, one without rows is not', async () => {
    await assert.rejects(read(''), /the file is empty/);
    assert.deepEqual(await read('timestamp,value\n'), []);
  });

  test('numbers: missing ones are NaN, other texts are refused', () => {
    for (const text of ['', 'NaN', 'null', 'N/A', '-']) assert.ok(Number.isNaN(readNumber(text, false)), text);
    assert.equal(readNumber('1,5', false), null);
    assert.equal(readNumber('1,5', true), 1.5);
    assert.equal(readNumber('-1e3', false), -1000);
    for (const text of ['1.2.3', 'x', 'Infinity', '1,2,3', '1e305']) assert.equal(readNumber(text, true), null, text);
  });

  test('times: offsets are taken, days that do not exist are refused', () => {
    assert.equal(readTime('2025-07-12 09:00:00-03', null).ms, NOON);
    assert.equal(readTime('2025/7/12 12:00:00.250', null).ms, NOON + 250);
    assert.equal(readTime('2025-07-12', null).ms, NOON - 12 * 3_600_000);
    assert.equal(readTime('1752321600000000', null).ms, NOON);
    for (const text of ['2025-02-29', '2025-13-01', '2025-07-12 25:00', '12/07/2025', '12345', 'noon'])
      assert.ok(Number.isNaN(readTime(text, null).ms), text);
  });
});
