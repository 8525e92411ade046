import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { BacktestRow, IncompleteRow } from '../backtest/backtest-row.ts';
import { readTime } from '../csv/csv-time.ts';
import { readBacktestRows } from './backtest-rows.ts';

interface Read {
  readonly rows: (BacktestRow | IncompleteRow)[];
  /** Wrong lines: `line: field rule`. */
  readonly refused: string[];
}

async function readAll(text: string, timeZone = 'UTC'): Promise<Read> {
  async function* chunks(): AsyncGenerator<string> {
    for (let start = 0; start < text.length; start += 7) yield text.slice(start, start + 7);
  }
  const rows: Read['rows'] = [];
  const refused: string[] = [];
  const onRefused = (line: number, findings: readonly { field: string; rule: string }[]) =>
    refused.push(`${line}: ${findings.map(({ field, rule }) => `${field} ${rule}`).join(', ')}`);
  for await (const row of readBacktestRows(chunks(), { timeZone, onRefused: (line, findings) => void onRefused(line, findings) }))
    rows.push(row);
  return { rows, refused };
}

async function read(text: string): Promise<BacktestRow[]> {
  const { rows, refused } = await readAll(text);
  assert.deepEqual(refused, [], text);
  return rows.filter((row) => row.kind !== 'incomplete');
}

const refusedOf = async (text: string): Promise<string[]> => (await readAll(text)).refused;

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
    assert.deepEqual(await read('timestamp,auth_code,f0_\n2025-07-12 12:00:00,51,4\n'), [
      { kind: 'auth_code', timestamp: NOON, name: '51', value: 4, offsetMs: 0 },
    ]);
  });

  test('several columns of numbers without a usual name are refused, as is a header in another encoding', async () => {
    await assert.rejects(read('time,sales,visits\n2025-07-12 12:00:00,1,2\n'), /several columns have numbers \(sales, visits\)/);
    await assert.rejects(read('day of week,sales\n3,1\n'), /no column \(timestamp, time/);
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

  test('a status is found under other names and by its words, and money beside it is no count', async () => {
    const one = { kind: 'status', timestamp: NOON, name: 'denied', value: 1, offsetMs: 0 } as const;
    for (const text of [
      'time,Result,amount\n2025-07-12 12:00,Declined,49.90\n',
      'time,tx_status,amount\n2025-07-12 12:00,Declined,49.90\n',
      'Data/Hora;Status da transação;Valor\n12/07/2025 12:00;Negada;1.249,90\n',
      'when,what,fee\n2025-07-12 12:00,declined,3\n',
    ])
      assert.deepEqual(await read(text), [one], text);
    assert.deepEqual(
      (await read('Data;Aprovadas;Negadas;Loja\n12/07/2025 12:00;118;7;x\n')).map((row) => [row.kind === 'status' && row.name, row.value]),
      [
        ['approved', 118],
        ['denied', 7],
      ],
    );
    await assert.rejects(
      read('time,approved,amount\n2025-07-12 12:00,true,49.90\n'),
      /"amount" is money.*name that column status \("approved"\)/,
    );
    // A word of an outcome that is not known: the money beside it is no measure over time.
    await assert.rejects(
      read('when,valor,resultado\n2025-07-12 12:00,49.90,KO\n'),
      /"valor" is money.*name that column status \("resultado"\)/,
    );
    await assert.rejects(read('date,objet,montant,amount\n2025-07-12 12:00,payée,1,2\n'), /several columns have numbers/);
    assert.deepEqual(await refusedOf('date,statut,montant\n2025-07-12 12:00,payée,1\n'), ['2: status enum']);
  });

  test('single transactions are never judged as the money beside them, whatever words their outcome has', async () => {
    for (const [header, good, bad] of [
      ['ts,success,fee', 'true', 'false'],
      ['ts,is_approved,fee', 'yes', 'no'],
      ['ts,answer,fee', 'PAYMENT_SUCCESS', 'DECLINED_BY_ISSUER'],
    ] as const) {
      const rows = Array.from({ length: 40 }, (_, row) => `2025-07-12 12:00:${10 + row},${row % 8 === 0 ? bad : good},${row}`);
      await assert.rejects(
        read(`${header}\n${rows.join('\n')}\n`),
        /has outcomes, so "fee" may be the money of single transactions/,
        header,
      );
    }
    const states = ['payment_state', 'Situação do pedido', 'estado_pago'].map(
      (name) => `ts,${name},cents\n2025-07-12 12:00,PAYMENT_SUCCESS,1\n`,
    );
    for (const text of states) assert.deepEqual(await refusedOf(text), ['2: status enum'], text);
    const measured = await read('ts,success,value\n2025-07-12 12:00,true,7\n2025-07-12 12:01,false,8\n');
    assert.deepEqual(
      measured.map(({ kind, value }) => [kind, value]),
      [
        ['value', 7],
        ['value', 8],
      ],
    );
  });

  test('the words of many rows say what a column is, not the word of the first', async () => {
    for (const header of ['created_at,state,price', 'created_at,response,amount', 'created_at,what,fee']) {
      const rows = Array.from({ length: 40 }, (_, row) => `2025-07-12 12:00:${10 + row},${row === 0 ? 'expired' : 'authorized'},${row}.50`);
      const { rows: taken, refused } = await readAll(`${header}\n${rows.join('\n')}\n`);
      assert.deepEqual([taken.length, taken[0]?.kind, refused], [39, 'status', ['2: status enum']], header);
    }
    const remarks = Array.from({ length: 40 }, (_, row) => `2025-07-12 12:${10 + row},${row === 0 ? 'error' : 'calm'},${row}`);
    assert.equal((await read(`time,remark,requests\n${remarks.join('\n')}\n`))[0]?.kind, 'value');
  });

  test('a row of counts with too few or too many cells leaves its minute incomplete', async () => {
    const { rows, refused } = await readAll(
      'timestamp,status,count\n2025-07-12 12:00,approved\n2025-07-12 12:01,approved,1,216\n2025-07-12 12:02,approved,1217\n',
    );
    assert.deepEqual(refused, ['2: (body) columns', '3: (body) columns']);
    assert.deepEqual(
      rows.map(({ kind, timestamp }) => [kind, (timestamp - NOON) / 60_000]),
      [
        ['incomplete', 0],
        ['incomplete', 1],
        ['status', 2],
      ],
    );
  });

  test('a wrong row is reported and leaves its minute incomplete; two columns of one name are refused', async () => {
    const incomplete = { kind: 'incomplete', timestamp: NOON, offsetMs: 0 } as const;
    for (const [cells, said] of [
      ['denied,', '2: count empty'],
      ['denied,NaN', '2: count empty'],
      ['denied,-3', '2: count minimum'],
      ['denied,1.5', '2: count integer'],
      ['denied,1e3x', '2: count type'],
      ['Succes,3', '2: status enum'],
    ] as const) {
      const { rows, refused } = await readAll(`timestamp,status,count\n2025-07-12 12:00,${cells}\n2025-07-12 12:01,approved,1e3\n`);
      assert.deepEqual([refused, rows[0]], [[said], incomplete], cells);
      assert.equal(rows[1]?.kind === 'status' ? rows[1].value : null, 1000);
    }
    await assert.rejects(read('timestamp,value,value\n2025-07-12 12:00,1,2\n'), /two columns are named "value"/);
  });

  test('a wrong row that is one transaction leaves its minute whole', async () => {
    const { rows, refused } = await readAll('timestamp,status\n2025-07-12 12:00,denied\n2025-07-12 12:00,Succes\n');
    assert.deepEqual([refused, rows.map(({ kind }) => kind)], [['3: status enum'], ['status']]);
  });

  test('the whole file decides what 1.500 is, or the number is refused', async () => {
    const valuesOf = async (...cells: string[]) =>
      (await read(`timestamp;value\n${cells.map((cell) => `2025-07-12 12:00;${cell}`).join('\n')}\n`)).map(({ value }) => value);
    assert.deepEqual(await valuesOf('1.500', '2.345,67'), [1500, 2345.67]);
    assert.deepEqual(await refusedOf('timestamp;count;status\n2025-07-12 12:00;1.500;denied\n2025-07-12 12:00;980;denied\n'), [
      '2: count unclear_number',
    ]);
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
    assert.deepEqual(await refusedOf('time,value\n13/07/2025,1\n07/13/2025,1\n'), ['3: timestamp timestamp_format']);
  });

  test('a missing header is named, wrong quotes cost their line only', async () => {
    await assert.rejects(read('2025-07-12 12:00:00,denied,3\n'), /the first line is data \(2025-07-12 12:00:00,denied,3\)/);
    const { rows, refused } = await readAll('time,value\n2025-07-12,1\n2025-07-13,"2\n2025-07-14,3\n');
    assert.deepEqual([rows.length, refused], [2, ['3: (body) quote']]);
  });

  test('an empty file is refused, one without rows is not', async () => {
    await assert.rejects(read(''), /there is no header line/);
    assert.deepEqual(await read('timestamp,value\n'), []);
  });

  test('values: missing ones are NaN, other texts are refused', async () => {
    const cells = ['', 'NaN', 'null', 'N/A', '-', '-1e3', '1,5'].map((cell) => `12:00;${cell}`);
    const rows = await read(`time;value\n${cells.join('\n')}\n`);
    assert.deepEqual(
      rows.map(({ value }) => value),
      [NaN, NaN, NaN, NaN, NaN, -1000, 1.5],
    );
    for (const text of ['1.2.3', 'x', 'Infinity', '1,2,3', '1e305'])
      assert.deepEqual(await refusedOf(`time;value\n12:00;${text}\n`), ['2: value type'], text);
  });

  test('times: offsets are taken, days that do not exist are refused', () => {
    assert.equal(readTime('2025-07-12 09:00:00-03', null).ms, NOON);
    assert.equal(readTime('2025/7/12 12:00:00.250', null).ms, NOON + 250);
    assert.equal(readTime('2025-07-12', null).ms, NOON - 12 * 3_600_000);
    assert.equal(readTime('1752321600000000', null).ms, NOON);
    for (const text of ['2025-02-29', '2025-13-01', '2025-07-12 25:00', '12/07/2025', '12345', 'noon'])
      assert.ok(Number.isNaN(readTime(text, null).ms), text);
  });

  test('a local date that does not exist costs its row only, also in a zone', async () => {
    const { rows, refused } = await readAll(
      'timestamp,status,count\n2026-13-05 12:05,approved,1\n2026-10-05 12:06,approved,1\n',
      'America/Sao_Paulo',
    );
    assert.deepEqual([rows.length, refused], [1, ['2: timestamp timestamp_format']]);
  });
});
