import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { LifecycleMinute } from './lifecycle-minute.ts';
import { scopeOf, type Episode } from './episode.ts';
import { at, atU8, type SeriesStore } from '../series/series-store.ts';
import type { Family } from '../series/status-table.ts';

/** Versions that every anomaly is stamped with. */
export interface Stamp {
  readonly detector_version: string;
  readonly model_version: string;
  readonly config_hash: string;
}

/** Open anomalies and the ones that closed a short while ago. Plain data. */
export interface OpenAnomalies {
  readonly open: Episode[];
  closed: { readonly scope: number; readonly family: Family; readonly minute: number }[];
  /** Recent discoveries by kind of group, fading. */
  readonly discoveries: number[];
}

/** Nothing has happened yet. */
export const createOpenAnomalies = (): OpenAnomalies => ({ open: [], closed: [], discoveries: [0, 0, 0, 0] });

/** Reports a change of an anomaly. */
export type Report = (event: AnomalyEvent['event'], episode: Episode) => void;

/** What the judgement of one minute reads. */
export interface MinuteContext {
  readonly store: SeriesStore;
  readonly anomalies: OpenAnomalies;
  readonly minute: LifecycleMinute;
}

/** What the anomaly lifecycle works with in one minute. `stamp`: of what opens in it. */
export interface LifecycleContext extends MinuteContext {
  readonly stamp: Stamp;
  readonly report: Report;
}

/** Evidence (nats) that opens an anomaly of a row's scope. */
export const thresholdOf = (store: SeriesStore, row: number, minute: LifecycleMinute): number =>
  at(minute.thresholds, atU8(store.kinds, scopeOf(store, row)));

/** True while a volume takes part in what is open of the fleet. */
export const isFleetFallen = ({ open }: OpenAnomalies): boolean =>
  open.some(({ scope, isWide, members }) => (scope === 0 || isWide === true) && members.some(({ sign }) => sign < 0));
