import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Status } from '@transaction-guardian/contracts/status.ts';
import { isCode, statusOfCode } from './code-status.ts';
import { atF32, atU16, EXPECTED, NATS, RING, ringSlot, RUN, type SeriesStore, statusOfRow, SUMS, UP, valueOf } from './series-store.ts';
import { STATUS_TABLE, type Family } from './status-table.ts';

/** A row whose evidence is above the threshold in this minute. */
export interface Signal {
  readonly row: number;
  readonly family: Family;
  readonly nats: number;
  /** Minutes since it began, this one included. */
  readonly run: number;
}

/** Transactions beyond `SETTINGS.spikeRatio` times the expected ones from which growth is reported. */
export const SPIKE_LEAST = 20;

/** Family of a row's own bad news. */
export function familyOfRow(store: SeriesStore, row: number): Family {
  return familyOfStatus(isCode(store, row) ? statusOfCode(store, row) : statusOfRow(row));
}

/** Family of the bad news of a status; of all together ''. */
export const familyOfStatus = (status: Status | ''): Family => (status === '' ? 'volume' : STATUS_TABLE[status].family);

/** +1 where more is worse, -1 where less is. */
export const directionOf = (family: Family): 1 | -1 => (family === 'volume' ? -1 : 1);

/** The signal of a candidates row; `spike` when only its growth is above the threshold. */
export function signalOfRow(store: SeriesStore, row: number, threshold: number): Signal {
  const nats = valueOf(store, row, NATS);
  const own = familyOfRow(store, row);
  if (nats >= threshold) return { row, family: own, nats, run: runOf(store, row, own) };
  return { row, family: 'spike', nats: valueOf(store, row, UP + 1), run: runOf(store, row, 'spike') };
}

/** Minutes since the evidence of a row began, at least 1. */
export function runOf(store: SeriesStore, row: number, family: Family): number {
  if (family === 'spike') return Math.max(1, atU16(store.runs, row * SUMS + 1));
  return Math.max(1, valueOf(store, row, RUN));
}

/** True when two rows show the same kind of bad news: failures are no reversals. */
export const isAkin = (store: SeriesStore, a: number, b: number): boolean => {
  const family = familyOfRow(store, a);
  return family === familyOfRow(store, b) && (family === 'volume' || adverseType(store, a) === adverseType(store, b));
};

/** Type of an anomaly of an adverse status. */
export function adverseType(store: SeriesStore, row: number): AnomalyType {
  const status = isCode(store, row) ? statusOfCode(store, row) : statusOfRow(row);
  return status === '' ? 'denials_above_normal' : STATUS_TABLE[status].type;
}

/** Sums of what was observed and expected in a row over the last `run` minutes that the ring still has. */
export function recent(
  store: SeriesStore,
  row: number,
  minute: number,
  run: number,
): { observed: number; expected: number; minutes: number } {
  const expected = valueOf(store, row, EXPECTED);
  let observed = 0;
  let minutes = 0;
  for (let back = 0; back < Math.min(run, RING); back++) {
    const count = atF32(store.ring, row * RING + ringSlot(minute - back));
    if (count < 0) continue;
    observed += count;
    minutes++;
  }
  return { observed, expected: expected * minutes, minutes };
}

/** Minutes without a single count up to this one, as far as the ring goes. */
export function emptyRun(store: SeriesStore, row: number, minute: number): number {
  let run = 0;
  while (run < RING && atF32(store.ring, row * RING + ringSlot(minute - run)) === 0) run++;
  return run;
}
