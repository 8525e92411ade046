import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { reasonText, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { alertOf } from '../src/alert/alert-of.ts';
import { viewAnomaly } from '../src/read/anomaly-view.ts';
import { createDetector } from '../src/detect/engine/create-detector.ts';
import { feed, seeded, usualRates, ZONE, type Rate } from '../src/detect/engine/test-traffic.ts';
import { formatMeasure } from '../web/src/ui/format.ts';

const CALM = 600;

/** A resolved anomaly of an incident that lasts so many minutes. */
function endOf(minutes: number, rates: readonly Rate[] | null): Anomaly {
  const events = feed(createDetector({ timeZone: ZONE }), seeded(5), 0, CALM + 60, (index) =>
    index >= CALM && index < CALM + minutes ? rates : usualRates(),
  );
  const end = events.findLast(({ event }) => event === 'resolved')?.anomaly;
  assert.ok(end !== undefined);
  return end;
}

for (const [name, anomaly] of [
  ['denials', endOf(12, usualRates({ denied: 5, approved: 0.8 }))],
  ['silence', endOf(11, null)],
  ['nothing', endOf(7, [])],
  ['a fall', endOf(14, usualRates({ all: 0.4 }))],
] as const)
  for (const locale of ['pt-BR', 'en'] as const satisfies readonly Locale[])
    test(`${name}: API, alert and console say the same of a resolved anomaly, in ${locale}`, () => {
      const view = viewAnomaly(anomaly, locale, ZONE);
      const alert = alertOf(anomaly, null, { locale, timeZone: ZONE });
      const lowerCase = (sentence: string): string => sentence.toLocaleLowerCase(locale);
      for (const reason of anomaly.reasons) {
        const sentence = lowerCase(reasonText(locale, reason, { timeZone: ZONE, nowMs: Date.parse(anomaly.updated_at) }));
        assert.ok(lowerCase(view.reason).includes(sentence), view.reason);
        assert.ok(lowerCase(alert.description).includes(sentence), alert.description);
      }
      for (const value of [view.observed, view.peak.observed]) {
        const shown = formatMeasure(locale, view.type, value);
        for (const told of [alert.summary, alert.annotations['message'] ?? '']) assert.ok(told.includes(`${shown}/min`), told);
      }
      const band = `(${formatMeasure(locale, view.type, view.peak.expected_low)}–${formatMeasure(locale, view.type, view.peak.expected_high)})`;
      assert.ok(alert.summary.includes(band), `${alert.summary} ${band}`);
      assert.deepEqual({ ...view, ...view.peak }, view);
    });
