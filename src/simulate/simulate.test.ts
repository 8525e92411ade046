import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Transaction, Transaction as TransactionSchema } from '@transaction-guardian/contracts/transaction.ts';
import { Check } from 'typebox/value';
import { createCompany } from './company.ts';
import { CSV_COLUMNS, csvLine } from './csv.ts';
import { createIncident, INCIDENT_TYPES, planIncidents, truthOf, type SimulatedIncident, type IncidentType } from './incidents.ts';
import { simulate, type SimulateOptions } from './simulate.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 18, 15);
const company = createCompany({ seed: 'test', merchants: 12 });
const options = (more: Partial<SimulateOptions> = {}): SimulateOptions => ({
  seed: 'test',
  start: START,
  minutes: 30,
  timeZone: 'America/Sao_Paulo',
  form: 'minutes',
  company,
  ...more,
});
const rowsOf = (more: Partial<SimulateOptions> = {}): Transaction[] =>
  [...simulate(options(more))].flatMap((minute) => minute.transactions);
const total = (rows: readonly Transaction[], keep: (row: Transaction) => boolean = () => true) =>
  rows.filter(keep).reduce((sum, row) => sum + (row.count ?? 1), 0);

for (const form of ['records', 'minutes'] as const) {
  describe(`form ${form}`, () => {
    test('the same seed gives the same rows, another seed gives others', () => {
      assert.deepEqual(rowsOf({ form, minutes: 5 }), rowsOf({ form, minutes: 5 }));
      assert.notDeepEqual(rowsOf({ form, minutes: 5 }), rowsOf({ form, minutes: 5, seed: 'other' }));
    });

    test('every row is a valid transaction with a timestamp in its own or an earlier minute', () => {
      for (const { minute, transactions } of simulate(options({ form, minutes: 5, lateShare: 0.1 }))) {
        for (const row of transactions) {
          assert.ok(Check(TransactionSchema, row), JSON.stringify(row));
          const at = Date.parse(row.timestamp ?? '');
          assert.ok(at < minute + MINUTE && at >= minute - 5 * MINUTE);
        }
      }
    });

    test('ids repeat only for rows that arrive twice', () => {
      const rows = rowsOf({ form, duplicateShare: 0 });
      assert.equal(new Set(rows.map((row) => row.id)).size, rows.length);
      const twice = rowsOf({ form, duplicateShare: 0.05 });
      const repeated = twice.length - new Set(twice.map((row) => row.id)).size;
      assert.ok(repeated > twice.length * 0.02 && repeated < twice.length * 0.08, `${repeated} of ${twice.length}`);
    });

    test('ordinary traffic is mostly approved', () => {
      const rows = rowsOf({ form });
      const approved = total(rows, (row) => row.status === 'approved') / total(rows);
      assert.ok(approved > 0.88 && approved < 0.96, String(approved));
    });

    test('an outage leaves nothing but signs of life', () => {
      const incident = createIncident(company, 'total_outage', { id: 'x', start: START + 5 * MINUTE, minutes: 5, seed: 's' });
      const rows = rowsOf({ form, incidents: [incident], lateShare: 0, duplicateShare: 0 });
      const during = rows.filter(
        (row) => Date.parse(row.timestamp ?? '') >= incident.start && Date.parse(row.timestamp ?? '') < incident.end,
      );
      assert.equal(during.length, 5);
      assert.equal(total(during), 0);
    });
  });
}

test('merchants are of very different size, within 3 to 400 a minute', () => {
  const { merchants } = createCompany({ seed: 'x' });
  assert.equal(merchants[0]?.rate, 400);
  assert.ok(merchants.every((merchant) => merchant.rate >= 3 && merchant.rate <= 400));
  assert.ok((merchants.at(-1)?.rate ?? 0) < 20);
});

test('the night is much quieter than the day, and the mean of a week is the rate', () => {
  const week = [...simulate(options({ minutes: 7 * 1440, start: Date.UTC(2026, 10, 15, 3), lateShare: 0, duplicateShare: 0 }))];
  const perMinute = week.map(({ transactions }) => total(transactions));
  const mean = perMinute.reduce((sum, count) => sum + count, 0) / perMinute.length;
  const expected = company.merchants.reduce((sum, merchant) => sum + merchant.rate, 0);
  assert.ok(Math.abs(mean / expected - 1) < 0.1, `${mean} of ${expected}`);
  const at = (hour: number) => perMinute.slice(1440 + hour * 60, 1500 + hour * 60).reduce((sum, count) => sum + count, 0);
  assert.ok(at(3) * 4 < at(18), `${at(3)} at 3:00, ${at(18)} at 18:00`);
});

describe('each incident shows in its own slice', () => {
  const share = (rows: readonly Transaction[], keep: (row: Transaction) => boolean) => total(rows, keep) / total(rows);
  const rows: readonly [IncidentType, (calm: Transaction[], bad: Transaction[], incident: SimulatedIncident) => boolean][] = [
    ['acquirer_down', (calm, bad) => share(bad, (r) => r.auth_code === '91') > 0.1 && share(calm, (r) => r.auth_code === '91') < 0.01],
    [
      'denial_burst',
      (calm, bad, { slice }) =>
        share(bad, (r) => r.auth_code === slice.auth_code) > 3 * share(calm, (r) => r.auth_code === slice.auth_code),
    ],
    ['reversal_storm', (calm, bad) => share(bad, (r) => r.status === 'reversed') > 5 * share(calm, (r) => r.status === 'reversed')],
    ['slow_decay', (calm, bad) => total(bad) < 0.85 * total(calm) && total(bad) > 0.4 * total(calm)],
    ['merchant_down', (_, bad, { slice }) => total(bad, (r) => r.merchant_id === slice.merchant_id) === 0],
    [
      'promotion',
      (calm, bad, { slice }) =>
        total(bad, (r) => r.merchant_id === slice.merchant_id) > 2 * total(calm, (r) => r.merchant_id === slice.merchant_id),
    ],
  ];
  for (const [type, shows] of rows) {
    test(type, () => {
      const incident = createIncident(company, type, { id: 'x', start: START, minutes: 30, seed: 's' });
      assert.equal(incident.detect, type !== 'promotion');
      assert.ok(shows(rowsOf({ duplicateShare: 0 }), rowsOf({ incidents: [incident], duplicateShare: 0, lateShare: 0 }), incident));
    });
  }
});

test('refused transactions are tried again with a new id', () => {
  const again = rowsOf({ form: 'records', retryShare: 1 });
  const never = rowsOf({ form: 'records', retryShare: 0 });
  const denied = (rows: readonly Transaction[]) => total(rows, (row) => row.status === 'denied');
  assert.ok(total(again) > total(never) * 1.02);
  assert.ok(denied(again) > denied(never));
});

test('a plan has every type in turn, in the span, and never two at a time', () => {
  const end = START + 2880 * MINUTE;
  const plan = planIncidents(company, { seed: 's', start: START, end, types: INCIDENT_TYPES, everyMinutes: 90 });
  assert.ok(plan.length >= INCIDENT_TYPES.length);
  plan.forEach((incident, n) => {
    assert.equal(incident.type, INCIDENT_TYPES[n % INCIDENT_TYPES.length]);
    assert.ok(incident.start >= (plan[n - 1]?.end ?? START) && incident.end <= end);
  });
  assert.deepEqual(planIncidents(company, { seed: 's', start: START, end, types: INCIDENT_TYPES, everyMinutes: 90 }), plan);
});

test('the ground truth says when, where and whether an alert is right', () => {
  const incident = createIncident(company, 'promotion', { id: 'inc-1', start: START, minutes: 60, seed: 's' });
  assert.deepEqual(truthOf([incident]), [
    {
      id: 'inc-1',
      type: 'promotion',
      start: '2026-11-18T15:00:00.000Z',
      end: '2026-11-18T16:00:00.000Z',
      slice: incident.slice,
      expected_detection: 'no',
    },
  ]);
});

test('a line of CSV has the columns of the header', () => {
  const row: Transaction = { id: 'a', timestamp: '2026-11-18T15:00:00.000Z', status: 'denied', count: 3, auth_code: '51' };
  assert.equal(csvLine(row).split(',').length, CSV_COLUMNS.length);
  assert.equal(csvLine(row), 'a,2026-11-18T15:00:00.000Z,denied,3,,,,51,,,,');
  const { count: _count, ...one } = row;
  assert.equal(csvLine(one), 'a,2026-11-18T15:00:00.000Z,denied,1,,,,51,,,,', 'a blank count would be refused');
});
