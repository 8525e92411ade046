import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import type { Detector } from '../../src/detect/engine/detector.ts';
import { createRandom, type Random } from '../../src/simulate/random.ts';
import { drawCells, MINUTE_MS, ordinaryRates, START, windowOf } from './counts-stream.ts';
import { createDefaultDetector } from './data-files.ts';

const DAY = 1440;
const LEARN_DAYS = 3;
const NOISY = 'm-noisy';
/** Harmless bursts of denials: about one in three hours, of three minutes, of every size. */
const BURST_CHANCE = 1 / 180;
const BURST_MINUTES = 3;
const BURST_MEAN = 4;
/** Real incidents of the same merchant: about one a day, half an hour each, denials and outages by turns. */
const INCIDENT_EVERY = 1380;
const INCIDENT_MINUTES = 30;
const WAVE = 10;
/** Minutes after the opening at which the operator judges. */
const JUDGED_AFTER = 4;

/** What two weeks with a noisy merchant brought. */
export interface FeedbackRun {
  readonly incidents: number;
  readonly caught: number;
  /** Mean delay of the caught ones, minutes. */
  readonly delay: number;
  /** Anomalies outside of incidents, by week after learning. */
  readonly falseByWeek: readonly number[];
  readonly verdicts: number;
}

/** Plays a company with one merchant whose denials come in harmless bursts, and with real incidents of that merchant. With
 *  `judged`, an operator calls every false anomaly noise and every real one useful. */
export function runFeedback(seed: string, weeks: number, judged: boolean): FeedbackRun {
  const random = createRandom(`feedback/${seed}`);
  const detector = createDefaultDetector();
  const operator = createOperator(detector);
  const opened: { readonly minute: number; readonly isReal: boolean }[] = [];
  const begun = new Set<number>();
  const delays = new Map<number, number>();
  let burst = { until: 0, factor: 1 };
  for (let n = 0; n < (LEARN_DAYS + 7 * weeks) * DAY; n++) {
    if (n >= burst.until && random.next() < BURST_CHANCE)
      burst = { until: n + BURST_MINUTES, factor: 1 - BURST_MEAN * Math.log(1 - random.next()) };
    const incident = incidentAt(n);
    const factor = Math.max(n < burst.until ? burst.factor : 1, incident === 'wave' ? WAVE : 1);
    const { events } = detector.step(windowOf(n + 1, START + n * MINUTE_MS, drawMinute(random, factor, incident === 'outage')));
    const number = Math.floor(n / INCIDENT_EVERY);
    if (incident !== null) begun.add(number);
    for (const { event, anomaly } of events) {
      if (event !== 'opened' || anomaly.type === 'drift_warning' || n < LEARN_DAYS * DAY) continue;
      const isReal = isNear(n);
      opened.push({ minute: n, isReal });
      if (isReal && begun.has(number) && !delays.has(number)) delays.set(number, n % INCIDENT_EVERY);
      if (judged) operator.note(anomaly, isReal ? 'useful' : 'noise');
    }
    operator.follow(events);
    operator.judge();
  }
  const falseOnes = opened.filter(({ isReal }) => !isReal);
  const caught = [...delays.values()];
  return {
    incidents: begun.size,
    caught: caught.length,
    delay: caught.reduce((sum, delay) => sum + delay, 0) / Math.max(1, caught.length),
    falseByWeek: Array.from(
      { length: weeks },
      (_, week) => falseOnes.filter(({ minute }) => Math.floor((minute / DAY - LEARN_DAYS) / 7) === week).length,
    ),
    verdicts: operator.given(),
  };
}

/** An operator who judges an anomaly a few minutes after it opened, whether it is still open or not. */
function createOperator(detector: Detector) {
  const waiting: { readonly at: number; readonly verdict: Verdict; anomaly: Anomaly }[] = [];
  let number = 0;
  return {
    given: () => number,
    note: (anomaly: Anomaly, verdict: Verdict) =>
      void waiting.push({ at: detector.lastMinute / MINUTE_MS + JUDGED_AFTER, verdict, anomaly }),
    follow(events: readonly AnomalyEvent[]) {
      for (const { anomaly } of events) for (const one of waiting) if (one.anomaly.id === anomaly.id) one.anomaly = anomaly;
    },
    judge() {
      while (waiting[0] !== undefined && detector.lastMinute / MINUTE_MS >= waiting[0].at) {
        const { anomaly, verdict } = waiting.shift() ?? waiting[0];
        const { id, type, node, duration_minutes, peak } = anomaly;
        const judgedOne = { id, type, node, duration_minutes, z_score: peak.z_score, ml_score: peak.ml_score };
        const given = { verdict, comment: null, anomaly: judgedOne };
        const place = { v: 1, kind: 'feedback', number: ++number, minute: detector.lastMinute, at: 0, by: 'operator' } as const;
        detector.mark({ ...place, ends: [], how: null, given });
      }
    },
  };
}

/** The incident of a minute. Incidents begin every 23 hours, and not while the detector learns. */
function incidentAt(n: number): 'wave' | 'outage' | null {
  if (n < LEARN_DAYS * DAY || n % INCIDENT_EVERY >= INCIDENT_MINUTES) return null;
  return Math.floor(n / INCIDENT_EVERY) % 2 === 0 ? 'wave' : 'outage';
}

/** True in an incident, and just after it. */
const isNear = (n: number): boolean => n % INCIDENT_EVERY < INCIDENT_MINUTES + 10;

function drawMinute(random: Random, deniedFactor: number, isDown: boolean) {
  const calm = drawCells(random, ordinaryRates(100), 'm-calm');
  const rates = ordinaryRates(40);
  const noisy = drawCells(random, { ...rates, denied: rates.denied * deniedFactor }, NOISY);
  return isDown ? calm : [...calm, ...noisy];
}
