import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INCIDENT_STATES, PRIORITIES, type IncidentState } from '@transaction-guardian/contracts/incident-state.ts';
import type { IncidentRow } from '../store/verbs/incident/incident-row.ts';
import { incidentFigures } from './figures.ts';
import { incidentId, incidentNumber } from './incident-id.ts';
import { moreUrgent, proposePriority } from './priority.ts';
import { sparkline } from '@transaction-guardian/contracts/text/sparkline.ts';
import { entryText } from './timeline-text.ts';
import { timesOf } from './times.ts';
import { mayGo } from './transition.ts';

test('the priority follows from severity and place', () => {
  assert.equal(proposePriority([]), 'P3');
  assert.equal(proposePriority([{ severity: 'critical', node: 'fleet' }]), 'P1');
  assert.equal(proposePriority([{ severity: 'critical', node: 'auth_code' }]), 'P1');
  assert.equal(proposePriority([{ severity: 'critical', node: 'acquirer' }]), 'P2');
  assert.equal(
    proposePriority([
      { severity: 'critical', node: 'merchant' },
      { severity: 'critical', node: 'merchant' },
    ]),
    'P1',
  );
  assert.equal(
    proposePriority([
      { severity: 'warning', node: 'fleet' },
      { severity: 'info', node: 'fleet' },
    ]),
    'P3',
  );
  assert.equal(proposePriority([{ severity: 'info', node: null }]), 'P4');
  for (const priority of PRIORITIES) assert.equal(moreUrgent('P1', priority), 'P1');
});

test('an incident goes forwards, or back to the response once it is resolved', () => {
  const ways = INCIDENT_STATES.flatMap((from) => INCIDENT_STATES.filter((to) => mayGo(from, to)).map((to) => `${from} ${to}`));
  assert.deepEqual(ways, [
    'detected triaged',
    'detected responding',
    'detected resolved',
    'triaged responding',
    'triaged resolved',
    'responding resolved',
    'resolved responding',
    'resolved postmortem',
    'postmortem responding',
  ]);
});

test('people name an incident in several ways', () => {
  for (const name of ['inc-12', 'INC 12', 'inc12', '#12', ' 12 ', incidentId(12)]) assert.equal(incidentNumber(name), 12);
  for (const name of ['', 'inc-', 'inc-0', '0', '-1', '1.5', '12345678901', "1'; drop table incident"])
    assert.equal(incidentNumber(name), null);
});

test('a sparkline shows the least and the most, and a flat line low', () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), '▁▂▃▄▅▆▇█');
  assert.equal(sparkline([5, 5, 5], 0), '▁▁▁');
  assert.equal(sparkline([]), '');
});

const row = (number: number, changes: Partial<IncidentRow>): IncidentRow => ({
  number,
  title: '',
  priority: 'P2',
  proposed: 'P2',
  is_chosen: false,
  state: 'detected' satisfies IncidentState,
  owner: null,
  opened_by: null,
  opened_at: 0,
  first_bad_minute: null,
  detected_at: null,
  delivered_at: null,
  acknowledged_at: null,
  resolved_at: null,
  quiet_since: null,
  updated_at: 0,
  version: 1,
  ...changes,
});

test('figures are means of what happened, each step apart', () => {
  const first = { first_bad_minute: 0, detected_at: 60_000, delivered_at: 65_000, acknowledged_at: 360_000, resolved_at: 1_260_000 };
  const second = { first_bad_minute: 4_860_000, detected_at: 5_040_000, opened_at: 5_040_000 };
  const [, p2, , , all] = incidentFigures([
    row(2, second),
    row(1, { ...first, state: 'resolved' }),
    row(3, { priority: 'P4', opened_at: 0, resolved_at: null }),
  ]);
  assert.deepEqual(p2, {
    priority: 'P2',
    count: 2,
    open: 1,
    mean_to_detect_s: (60 + 180) / 2,
    mean_to_deliver_s: 5,
    mean_to_acknowledge_s: 300,
    mean_to_resolve_s: 1260,
    // From the end of the first, minute 21, to the first bad minute of the second, minute 81.
    mean_between_s: 3600,
  });
  assert.equal(all?.count, 3);
  assert.equal(incidentFigures([])[0]?.mean_to_detect_s, null);
});

/** Incidents by when they began and were resolved, in seconds; null: open. */
const between = (...spans: readonly (readonly [number, number | null])[]) =>
  incidentFigures(
    spans.map(([from, to], at) =>
      row(at + 1, { opened_at: from * 1000, resolved_at: to === null ? null : to * 1000, state: to === null ? 'detected' : 'postmortem' }),
    ),
  )[1]?.mean_between_s;

test('MTBF is the mean up time between failures: what overlaps is one failure, and fewer than two have none', () => {
  assert.equal(between([0, 100], [400, 500]), 300);
  assert.equal(between([400, 500], [0, 100]), 300, 'in any order');
  assert.equal(between([0, 100], [50, 200]), null, 'overlapping: one failure');
  assert.equal(between([0, 100], [100, 200]), null, 'joined: one failure');
  assert.equal(between([0, 100], [50, 200], [500, 600]), 300, 'up time from the end of the last that overlaps');
  assert.equal(between([0, 1000], [50, 100], [1300, 1400]), 300, 'one within another');
  assert.equal(between([0, 100], [200, 300], [600, 700]), 200);
  assert.equal(between([0, 100]), null);
  assert.equal(between(), null);
});

test('what is open goes on: nothing is between it and the next one; up time before it counts', () => {
  assert.equal(between([0, null], [3, null]), null);
  assert.equal(between([0, null], [500, 600]), null);
  assert.equal(between([0, 100], [400, null], [900, 1000]), 300);
});

test('an incident that was opened by hand has no time to acknowledge: nobody answered an alert', () => {
  const byHand = { opened_at: 60_000, acknowledged_at: 60_000 };
  const alerted = { ...byHand, first_bad_minute: 0, detected_at: 30_000, acknowledged_at: 90_000 };
  assert.deepEqual(
    [byHand, { ...byHand, detected_at: 120_000, first_bad_minute: 90_000 }, alerted].map(
      (steps) => timesOf(row(1, steps)).to_acknowledge_s,
    ),
    [null, null, 60],
  );
  const [, p2] = incidentFigures([row(1, byHand), row(2, alerted)]);
  assert.equal(p2?.mean_to_acknowledge_s, 60, 'it does not count as the fastest answer');
});

test('an incident that was opened before its first bad minute lasts from its opening', () => {
  const steps = { opened_at: 60_000, first_bad_minute: 120_000, resolved_at: 360_000 };
  assert.equal(timesOf(row(1, steps)).to_resolve_s, 300);
});

test('a clock that was set back gives no negative time', () => {
  const [, p2] = incidentFigures([row(1, { first_bad_minute: 90_000, detected_at: 60_000 })]);
  assert.equal(p2?.mean_to_detect_s, 0);
});

test('acts and charts of a timeline are words, not keys', () => {
  const ana = { id: 'ana', kind: 'person', name: 'Ana', claimed_name: null } as const;
  const act = { kind: 'act', actor: ana, data: { verb: 'alert.acknowledge', result: 'done' } } as const;
  assert.equal(entryText(act, 'en', 'UTC'), 'Ana acknowledged the alert (done)');
  const node = (key: string) => entryText({ kind: 'snapshot', actor: null, data: { node: key } }, 'pt-BR', 'UTC').split(': ')[1];
  assert.deepEqual(['fleet', 'status:denied', 'merchant_status:m:1:failed', 'acquirer:rede'].map(node), [
    'todo o tráfego',
    'negadas',
    'lojista m:1 · falhas',
    'adquirente rede',
  ]);
});
