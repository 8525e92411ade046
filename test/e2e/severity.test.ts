import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { simulatedWindows } from '../../bench/scorecard/simulated-windows.ts';
import { loadConfig } from '../../src/config/config-load.ts';
import { detectorFactory } from '../../src/app/detector-factory.ts';
import { MINUTE_MS } from '../../src/clock.ts';
import { backtest } from '../../src/backtest/backtest.ts';
import { readBacktestRows } from '../../src/cli/backtest-rows.ts';
import { createCompany } from '../../src/simulate/company.ts';
import { CSV_COLUMNS, csvLine } from '../../src/simulate/csv.ts';
import type { SimulatedIncident } from '../../src/simulate/incidents.ts';
import { simulate } from '../../src/simulate/simulate.ts';

const START = Date.parse('2026-03-03T09:00:00Z');
const CALM = 600;
const TIME_ZONE = 'America/Sao_Paulo';
const FACTORY = detectorFactory(loadConfig({ env: {}, cwd: import.meta.dirname }).config);

/** One acquirer of three, which answers nothing for 15 minutes. */
function outageOf(seed: string, volume: number) {
  const company = createCompany({ seed });
  const start = START + CALM * MINUTE_MS;
  const slice = { acquirer: company.acquirers[2] ?? '' };
  const incident: SimulatedIncident = { id: 'outage', type: 'acquirer_down', start, end: start + 15 * MINUTE_MS, slice, detect: true };
  return { seed, start: START, minutes: CALM + 15, timeZone: TIME_ZONE, company, incidents: [incident], volume };
}

suite('an acquirer of three is down', () => {
  // From about 20 to about 60,000 transactions a minute.
  for (const [volume, minutes] of [
    [0.01, 8],
    [1, 2],
    [30, 2],
  ] as const) {
    test(`at ${volume} times the usual volume it is critical within ${minutes} minutes`, () => {
      const detector = FACTORY.create(null);
      let critical: Anomaly | undefined;
      for (const window of simulatedWindows(outageOf('7', volume)))
        for (const { anomaly } of detector.step(window).events) if (anomaly.severity === 'critical') critical ??= structuredClone(anomaly);
      assert.ok(critical !== undefined, 'critical');
      assert.ok((Date.parse(critical.updated_at) - START) / MINUTE_MS - CALM <= minutes, critical.updated_at);
      assert.match(critical.severity_reason?.code ?? '', /^severity_(share|fleet_share|fleet_money)$/);
    });
  }

  test('backtest says so in the file, with the reason', async () => {
    const rows = [CSV_COLUMNS.join(',')];
    for (const { transactions } of simulate({ ...outageOf('7', 1), form: 'minutes', duplicateShare: 0 }))
      rows.push(...transactions.map(csvLine));
    const told: { minute: number; severity: string | undefined; reason: string }[] = [];
    const judged = backtest(readBacktestRows(Readable.from([rows.join('\n')])), {
      format: 'counts',
      createDetector: () => FACTORY.create(null),
    });
    for await (const { timestamp, decision, severity, reason } of judged)
      if (decision === 1)
        told.push({ minute: (Date.parse(`${timestamp.replace(' ', 'T')}Z`) - START) / MINUTE_MS - CALM, severity, reason });
    const first = told.find(({ severity }) => severity === 'critical');
    assert.ok(first !== undefined && first.minute >= 0 && first.minute <= 2, JSON.stringify(told[0]));
    assert.match(first.reason, /critical: [\d.,]+\/min affected .*limit/);
  });
});
