import { createProbe, isLearning, type Probe } from '../detect/engine/create-detector.ts';
import { MINUTE_MS } from '../clock.ts';
import { partsWithout } from '../detect/series/parts.ts';
import { at, GROUP_ROWS, NATS, valueOf } from '../detect/series/series-store.ts';
import type { Case } from '../detect/forest/logistic.ts';
import { commonNats, type LoadedModel, type DetectionScore } from '../detect/forest/model.ts';
import { referenceTraffic, type TrainedBreak, type StreamShape } from './reference-traffic.ts';

/** A stream and what goes wrong in it. */
export interface Trial {
  readonly shape: StreamShape;
  readonly breaks: readonly TrainedBreak[];
}

/** Part of the threshold from which the counts say anything that the forest could confirm. */
const LEAST_SHARE = 0.5;
/** An anomaly that opens this soon after an incident still belongs to it. */
const AFTER = 15;

/** Minutes of a stream that the counts leave undecided: their evidence and that of the forest, in nats. */
export function undecidedMinutes(model: LoadedModel, { shape, breaks }: Trial, timeZone: string): Case[] {
  const probe = createProbe({ timeZone, model, parts: partsWithout('forest') });
  const cases: Case[] = [];
  for (const window of referenceTraffic(shape, breaks)) {
    const minute = (window.minute - shape.startMs) / MINUTE_MS;
    probe.step(window);
    const { nats, threshold } = strongest(probe);
    if (isLearning(probe.state) || probe.state.anomalies.open.length > 0 || nats < LEAST_SHARE * threshold || nats >= threshold) continue;
    const isIn = breaks.some(({ from, to }) => minute >= from && minute < to);
    cases.push({ features: [nats, commonNats(probe.rawScore(0))], isIn });
  }
  return cases;
}

/** Strongest evidence of the fleet and its statuses. */
function strongest({ state, thresholds }: Probe): { readonly nats: number; readonly threshold: number } {
  let nats = 0;
  for (let row = 0; row < GROUP_ROWS; row++) nats = Math.max(nats, valueOf(state.store, row, NATS));
  return { nats, threshold: at(thresholds(), 0) };
}

/** Plays streams through a detector with this model. */
export function playTrials(model: LoadedModel, trials: readonly Trial[], timeZone: string): DetectionScore {
  const told: DetectionScore = { caught: 0, delay: 0, false_anomalies: 0 };
  for (const { shape, breaks } of trials) {
    const probe = createProbe({ timeZone, model });
    const opened: number[] = [];
    for (const window of referenceTraffic(shape, breaks)) {
      for (const { event, anomaly } of probe.step(window).events) {
        if (event === 'opened' && anomaly.type !== 'drift_warning') opened.push((window.minute - shape.startMs) / MINUTE_MS);
      }
    }
    for (const { from, to } of breaks) {
      const first = opened.find((minute) => minute >= from && minute < to);
      told.caught += Number(first !== undefined);
      told.delay += first === undefined ? to - from : first - from;
    }
    told.false_anomalies += opened.filter((minute) => breaks.every(({ from, to }) => minute < from || minute >= to + AFTER)).length;
  }
  return told;
}
