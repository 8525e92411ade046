import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGuardianError } from '../errors.ts';
import type { StreamItem } from '../check/stream-item.ts';
import type { CsvOptions } from './csv-options.ts';
import { createCsvReader } from './read-csv.ts';

async function read(
  text: string | Buffer,
  options: Partial<CsvOptions> = {},
): Promise<{ items: StreamItem[]; breakdown: boolean | undefined; layout: string | undefined }> {
  const reader = createCsvReader({ source: 'csv', maxLineBytes: 1000, ...options });
  const bytes = Buffer.from(text);
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += 11) yield bytes.subarray(at, at + 11);
  })();
  const items: StreamItem[] = [];
  for await (const group of reader.read(chunks)) items.push(...group);
  return { items, breakdown: reader.layout?.breakdown, layout: reader.layout?.name };
}

function values(items: readonly StreamItem[]): unknown[] {
  return items.map((item) => {
    if (item.kind === 'broken') return item.findings.map(({ field, rule }) => `${field} ${rule}`).join();
    const { id: _id, ...rest } = item.value as Record<string, unknown>;
    return rest;
  });
}
const ids = (items: readonly StreamItem[]): unknown[] =>
  items.map((item) => (item.kind === 'item' ? (item.value as { id: string }).id : null));
const refuses = (text: string, options: Partial<CsvOptions>, reason: RegExp) =>
  assert.rejects(read(text, options), (error) => isGuardianError(error, 'CSV_LAYOUT') && reason.test(error.message));

test('rows of counts without a readable time leave the minutes between their neighbours incomplete, as far as rows are missing', async () => {
  const placesOf = async (rows: readonly string[], header = 'time,status,count') => {
    const { items } = await read(`${header}\n${rows.join('\n')}\n`);
    return items.flatMap((item) => (item.kind === 'broken' ? [item.timestamp?.slice(11, 16) ?? 'none'] : []));
  };
  const minutes = (from: number, to: number, time = (minute: number) => `2026-03-02 10:${String(minute).padStart(2, '0')}`) =>
    Array.from({ length: to - from + 1 }, (_, place) => from + place).flatMap((minute) => [
      `${time(minute)},approved,200`,
      `${time(minute)},denied,10`,
    ]);
  const blank = (rows: readonly string[], ...places: readonly number[]) =>
    rows.map((row, place) => (places.includes(place) ? row.replace(/^[^,]*/, place % 2 === 0 ? '' : 'n/a') : row));
  const file = minutes(0, 9);
  assert.deepEqual(await placesOf(blank(file, 4, 5, 6, 7)), ['10:02', '10:02', '10:03', '10:03']);
  assert.deepEqual(await placesOf(blank(file, 4)), ['10:02']);
  assert.deepEqual(await placesOf(blank(file, 5)), ['10:02']);
  assert.deepEqual(await placesOf(blank(file, 5, 6, 7, 8)), ['10:02', '10:03', '10:03', '10:04']);
  assert.deepEqual(await placesOf(blank(file.toReversed(), 4, 5)), ['10:07', '10:07'], 'the newest first');
  assert.deepEqual(await placesOf(blank(file, 0, 1, 18, 19)), ['none', 'none', 'none', 'none'], 'the ends of a file have one neighbour');
  assert.deepEqual(await placesOf(blank([...minutes(0, 3), ...minutes(20, 23)], 6, 7)), ['none', 'none'], 'a gap of sixteen minutes');
  const zoned = minutes(0, 9, (minute) => `2026-03-02T10:0${minute}:00-03:00`);
  assert.deepEqual(await placesOf(blank(zoned, 4, 5)), ['13:02', '13:02']);
  const broken = file.map((row, place) => (place === 4 ? '"2026-03-02 10:02,approved,200' : row));
  assert.deepEqual(await placesOf(broken), ['10:02'], 'a line that cannot be split');
  const single = blank(file, 4, 5).map((row) => row.replace(/,\d+$/, ',1.5'));
  assert.deepEqual(await placesOf(single, 'time,status,amount'), ['none', 'none'], 'of single transactions one is missing');
});

test('a blank time is refused, never taken as the time of arrival', async () => {
  const { items } = await read('time,status,count\n2026-03-02 10:00,approved,10\n,approved,10\n');
  assert.deepEqual(values(items)[1], 'timestamp required');
});

test('the layouts of counts by status and by auth code', async () => {
  const byStatus = await read('timestamp,status,count\n2025-07-12 13:45:00,approved,116\n');
  assert.deepEqual(values(byStatus.items), [{ timestamp: '2025-07-12 13:45:00', status: 'approved', count: 116 }]);
  assert.deepEqual([byStatus.layout, byStatus.breakdown], ['status_counts', false]);
  const byCode = await read('timestamp,auth_code,count\n2025-07-12 13:45:00,00,116\n');
  assert.deepEqual(values(byCode.items), [{ timestamp: '2025-07-12 13:45:00', auth_code: '00', count: 116 }]);
  assert.deepEqual([byCode.layout, byCode.breakdown], ['auth_code_counts', true]);
});

test('a time of day gets the date of the file, and needs one', async () => {
  const text = 'time,status,f0_\n17h 06,denied,3\n00h06,denied,4\n9:05,denied,5\n';
  const { items } = await read(text, { date: '2025-07-12' });
  assert.deepEqual(
    values(items).map((value) => (value as { timestamp: string }).timestamp),
    ['2025-07-12 17:06:00', '2025-07-12 00:06:00', '2025-07-12 09:05:00'],
  );
  await refuses(text, {}, /line 2 has the time of day only/);
});

test('what Brazilian spreadsheets write', async () => {
  const { items } = await read(
    '\ufefftimestamp;status;count;amount;merchant_id\r\n"2025-07-12 13:45:00";approved;2;"1.234,56";"Loja ""A""; centro"\r\n2025-07-12 13:46:00;denied;1;7,5;\r\n',
  );
  assert.deepEqual(values(items), [
    { timestamp: '2025-07-12 13:45:00', status: 'approved', count: 2, amount: 1234.56, merchant_id: 'Loja "A"; centro' },
    { timestamp: '2025-07-12 13:46:00', status: 'denied', count: 1, amount: 7.5 },
  ]);
});

test('wrong rows are reported with line and text, the others go in', async () => {
  const { items } = await read(
    'timestamp,status,count\n2025-07-12 13:45:00,approved,many\n2025-07-12 13:46:00,approved\n"2025-07-12 13:47:00,approved,1\n\n2025-07-12 13:48:00,approved,1\n4111 1111 1111 1111,approved,x\n',
  );
  assert.deepEqual(values(items), [
    'count type',
    '(body) columns',
    '(body) quote',
    { timestamp: '2025-07-12 13:48:00', status: 'approved', count: 1 },
    'timestamp timestamp_format,count type',
  ]);
  assert.deepEqual(
    items.map(({ at }) => at),
    [2, 3, 4, 6, 7],
  );
  assert.equal(items[4]?.raw, '**** **** **** 1111,approved,x');
});

test('ids come from the content: read again they are the same, a longer file adds new ones only', async () => {
  const head = 'timestamp,status,count\n2025-07-12 13:45:00,approved,1\n2025-07-12 13:45:00,approved,1\n2025-07-12 13:46:00,denied,2\n';
  const first = ids((await read(head)).items);
  assert.equal(new Set(first).size, 3, 'two equal rows are two rows');
  assert.deepEqual(ids((await read(head)).items), first);
  assert.deepEqual(ids((await read(`${head}2025-07-12 13:47:00,denied,2\n`)).items).slice(0, 3), first);
  const reordered = 'count;status;timestamp\n1;approved;2025-07-12 13:45:00\n';
  assert.deepEqual(ids((await read(reordered)).items), first.slice(0, 1), 'order of columns and delimiter do not matter');
  assert.notDeepEqual(ids((await read(head, { source: 'other' })).items), first);
  assert.deepEqual(ids((await read('id,timestamp,status\nmine,2025-07-12 13:45:00,approved\n')).items), ['mine']);
});

test('a mapping picks columns and leaves out the rest', async () => {
  const { items } = await read('Quando,Situacao,Loja,Obs\n2025-07-12 13:45:00,approved,m-1,ok\n', {
    mapping: { timestamp: 'quando', status: 'Situacao', merchant_id: 'Loja' },
  });
  assert.deepEqual(values(items), [{ timestamp: '2025-07-12 13:45:00', status: 'approved', merchant_id: 'm-1' }]);
  await refuses('a,b\n', { mapping: { timestamp: 'when' } }, /names column "when"/);
  await refuses('a,b\n', { mapping: { when: 'a' } }, /"when", which is not a field/);
  await refuses('a,n\n', { mapping: { timestamp: 'a', status: 'n', count: 'n' } }, /column "n" for several fields \(status, count\)/);
});

test('a header that cannot be read refuses the file', async () => {
  await refuses('', {}, /no header line/);
  await refuses('timestamp,status,a\n', { strict: true }, /column "a" is not a field/);
  await refuses('timestamp,count\n', {}, /no column \(status, auth_code\) in timestamp,count/);
  await refuses('status,count\n', {}, /no column \(timestamp, time/);
  await refuses('timestamp,status,Status\n', {}, /two columns are named "status"/);
  await refuses('timestamp,value\n2025-07-12 13:45:00,1\n', {}, /no column \(status, auth_code\)/);
  await refuses('timestamp,status,count\n', { layout: 'auth_code_counts' }, /needs the columns/);
});

test('a line that is too long or not UTF-8 is reported', async () => {
  const text = Buffer.concat([
    Buffer.from('timestamp,status\n2025-07-12 13:45:00,'),
    Buffer.from([0xff]),
    Buffer.from(`\n${'x'.repeat(2000)}\n2025-07-12 13:45:00,failed\n`),
  ]);
  assert.deepEqual(values((await read(text)).items), [
    '(body) encoding',
    '(body) too_long',
    { timestamp: '2025-07-12 13:45:00', status: 'failed' },
  ]);
});

test('statuses in the usual words of payment systems are known, others are refused with the nearest word', async () => {
  const words = [
    'Success',
    'COMPLETED',
    'Declined',
    'RECUSADA',
    'falha',
    'Chargeback',
    'Reembolsada',
    'Pending',
    'succes',
    'blue',
    'Não aprovada',
    'UNAUTHORIZED',
    'Timed out',
  ];
  const { items } = await read(`timestamp,status\n${words.map((word) => `2025-07-12 13:45:00,${word}`).join('\n')}\n`);
  assert.deepEqual(
    values(items).map((value) => (typeof value === 'string' ? value : (value as { status: string }).status)),
    [
      'approved',
      'approved',
      'denied',
      'denied',
      'failed',
      'reversed',
      'refunded',
      'processing',
      'status enum',
      'status enum',
      'denied',
      'denied',
      'failed',
    ],
  );
});

test('the column decides what a number with one sign and three digits is, also by a later line; else the row is refused', async () => {
  const amounts = async (...cells: string[]) => {
    const rows = cells.map((cell) => `2025-07-12 13:45:00,approved,"${cell}"`);
    const { items } = await read(`timestamp,status,amount\n${rows.join('\n')}\n`);
    return values(items).map((value) => (typeof value === 'string' ? value : (value as { amount: number }).amount));
  };
  assert.deepEqual(await amounts('1,500', '1500.00', '2,345.67'), [1500, 1500, 2345.67]);
  assert.deepEqual(await amounts('1.500', '2.345,67', '980'), [1500, 2345.67, 980]);
  assert.deepEqual(await amounts('1.500', '980', '1,500'), ['amount unclear_number', 980, 'amount unclear_number']);
});

test('thousands apart by a space or an apostrophe are read whatever the sign of the column is', async () => {
  const { items } = await read("timestamp,status,count\n2025-07-12 13:45:00,approved,1'216\n2025-07-12 13:46:00,approved,1\u00a0217\n");
  assert.deepEqual(
    values(items).map((value) => (value as { count: number }).count),
    [1216, 1217],
  );
});

test('a blank count is refused by name: the file does not say how many', async () => {
  const { items } = await read('timestamp,status,count\n2025-07-12 13:45:00,approved,\n2025-07-12 13:45:00,denied,2\n');
  assert.deepEqual(values(items), ['count empty', { timestamp: '2025-07-12 13:45:00', status: 'denied', count: 2 }]);
});

test('a count in any word for nothing is refused, never one and never none', async () => {
  const words = ['""', '   ', 'NULL', 'None', 'NaN', 'n/a', '-', '#N/A', '\\\\N', 'nil', '?', '<NA>', 'inf'];
  const { items } = await read(`timestamp,status,count\n${words.map((word) => `2025-07-12 13:45:00,approved,${word}`).join('\n')}\n`);
  assert.deepEqual(
    values(items).map((value) => /^count (empty|type)$/.test(String(value))),
    words.map(() => true),
    JSON.stringify(values(items)),
  );
});

test('a mapping adds to the columns that have our names, and leaves out what is no field', async () => {
  const { items } = await read('id,timestamp,status,n,shop\nx1,2025-07-12 13:45:00,approved,3,a\n', { mapping: { count: 'n' } });
  assert.deepEqual(values(items), [{ timestamp: '2025-07-12 13:45:00', status: 'approved', count: 3 }]);
});

/** Four rows: approved 180 and denied 7 at 12:00 and 12:01 UTC on 5 October 2026. */
const SAME = [
  'timestamp,status,count\n2026-10-05T12:00:00Z,approved,180\n2026-10-05T12:00:00Z,denied,7\n2026-10-05T12:01:00Z,approved,180\n2026-10-05T12:01:00Z,denied,7\n',
  'Data/Hora;Situação;Quantidade\n05/10/2026 12:00;Aprovada;180\n05/10/2026 12:00;Negada;7\n05/10/2026 12:01;Aprovada;180\n05/10/2026 12:01;Negada;7\n',
  'Fecha y hora;Estado;Cantidad\r\n05/10/2026 12:00;Aprobada;180\r\n05/10/2026 12:00;Rechazada;7\r\n05/10/2026 12:01;Aprobada;180,0\r\n05/10/2026 12:01;Rechazada;7\r\n',
  '\ufefftimestamp\tstatus\tcount\r\n2026-10-05 12:00\tSuccess\t1.8e2\r\n2026-10-05 12:00\tDeclined\t7\r\n2026-10-05 12:01\tSuccess\t180\r\n2026-10-05 12:01\tDeclined\t7.0\r\n',
  'ts,status,total\n1791201600,approved,180\n1791201600,denied,7\n1791201660000,approved,180\n1791201660000,denied,7\n',
  '"approved";"time";"denied"\n"180";"5/10/2026 12:00";"7"\n180;5/10/2026 12:01;7\n',
  'time,Approved,Declined\n10/5/2026 12:00 PM,180,7\n10/5/2026 12:01 PM,180,7\n',
  'Data,Hora,Status,Qtd,Obs\n2026-10-05,12:00,Aprovada,180,\n2026-10-05,12:00,Negada,7,x\n2026-10-05,12h 01,Aprovada,180,\n2026-10-05,12h01,Negada,7,\n',
];

test('one fact reads the same however a file writes it: languages, separators, dates, numbers, tables', async () => {
  for (const text of SAME) {
    const { items } = await read(text);
    const rows = values(items).map((value) => {
      assert.ok(typeof value === 'object' && value !== null, `${JSON.stringify(value)} in ${text}`);
      const { timestamp, status, count } = value as { timestamp: string; status: string; count: number };
      return [Date.parse(`${timestamp.replace(/Z$/, '').replace(' ', 'T')}Z`) / 60_000 - 29_853_360, status, count];
    });
    const wanted = [
      [0, 'approved', 180],
      [0, 'denied', 7],
      [1, 'approved', 180],
      [1, 'denied', 7],
    ];
    assert.deepEqual(rows, wanted, text);
  }
});

test('a column that is no field is left out, a wrong date costs its row, and a wide row says which column is wrong', async () => {
  const { items } = await read('timestamp,status,count,shop name\n2026-13-05 12:00,approved,1,a\n2026-10-05 12:00,approved,2,b\n');
  assert.deepEqual(values(items).slice(1), [{ timestamp: '2026-10-05 12:00', status: 'approved', count: 2 }]);
  const wide = await read('timestamp,approved,Declined\n2026-10-05 12:00,,-7\n2026-10-05 12:01,,x\n2026-10-05 12:02,,2\n');
  assert.deepEqual(values(wide.items).slice(0, 2), ['Declined minimum', 'Declined type']);
  const left = values(wide.items).slice(2) as { count: number }[];
  assert.deepEqual(
    left.map(({ count }) => count),
    [0, 2],
    'a table that was made of rows leaves blank what had none',
  );
  assert.deepEqual(
    wide.items.map((item) => item.kind === 'broken' && item.timestamp),
    ['2026-10-05 12:00', '2026-10-05 12:01', false, false],
  );
});

test('the refusal of a status names the word and the nearest one', async () => {
  const words = ['Sucess', 'zzzzzz', '4111111111111111', 'Failed - insufficient funds', 'Não sucesso', 'unaproved', 'not declined'];
  const { items } = await read(`timestamp,status\n${words.map((word) => `2026-10-05 12:00,${word}`).join('\n')}\n`);
  const findings = items.flatMap((item) => (item.kind === 'broken' ? item.findings : []));
  assert.deepEqual(
    findings.map(({ rule, params }) => [rule, params?.['word'], params?.['nearest']]),
    [
      ['enum', 'Sucess', 'success'],
      ['enum', 'zzzzzz', ''],
      ['card_number', undefined, undefined],
      ['enum', 'Failed - insufficient funds', 'failed'],
      ['enum', 'Não sucesso', ''],
      ['enum', 'unaproved', ''],
      ['enum', 'not declined', 'declined'],
    ],
    'what a negation turns into bad news is never taken for good news',
  );
});
