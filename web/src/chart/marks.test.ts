import { expect, test } from 'vitest';
import { anAnomaly, at, NOW } from '../fixture.ts';
import { flattenSpans, markSpans, spansOf } from './marks.ts';

const range = { from: NOW / 1000 - 3600, to: NOW / 1000 };
const toX = (seconds: number) => (seconds - range.from) / 10;

test('an open anomaly reaches to the end, one outside of the period is left out', () => {
  const spans = spansOf(
    [anAnomaly('an_open'), anAnomaly('an_past', { status: 'resolved', started_at: at(-300), resolved_at: at(-290) })],
    range,
  );
  expect(spans).toEqual([{ id: 'an_open', severity: 'critical', from: NOW / 1000 - 420, to: range.to }]);
});

test('icons that would overlap become one that opens the worst', () => {
  const anomalies = [
    anAnomaly('an_info', { severity: 'info', started_at: at(-31) }),
    anAnomaly('an_worst', { started_at: at(-30) }),
    anAnomaly('an_far', { severity: 'warning', started_at: at(-5) }),
  ];
  expect(markSpans(spansOf(anomalies, range), toX)).toEqual([
    { id: 'an_worst', severity: 'critical', x: 174, count: 2 },
    { id: 'an_far', severity: 'warning', x: 330, count: 1 },
  ]);
});

test('where anomalies overlap the time has the worst severity, once', () => {
  const span = (severity: 'critical' | 'warning', from: number, to: number) => ({ id: 'an', severity, from, to });
  expect(flattenSpans([span('warning', 0, 100), span('critical', 40, 60), span('critical', 50, 70)])).toEqual([
    { severity: 'warning', from: 0, to: 40 },
    { severity: 'critical', from: 40, to: 70 },
    { severity: 'warning', from: 70, to: 100 },
  ]);
});

test('an anomaly that began before the period has its icon at the left edge', () => {
  expect(markSpans([{ id: 'an', severity: 'info', from: range.from - 600, to: range.to }], toX, { left: 46 })[0]?.x).toBe(46);
});
