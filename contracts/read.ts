import { Type, type Static } from 'typebox';
import { AlertView } from './alert-view.ts';
import { Anomaly } from './anomaly.ts';
import { NextCursor } from './node.ts';
import type { FeedbackMark } from './feedback.ts';
import type { RunState } from './runbook-word.ts';
import { MerchantRow, SeriesPoint, type Stats } from './stats.ts';

/** An anomaly as people read it: the reasons also as one text in the caller's language. */
export const AnomalyView = Type.Object(
  {
    ...Anomaly.properties,
    reason: Type.String({ description: 'The reasons in words, in the language of the caller.' }),
    severity_text: Type.String({ description: 'Why it is this severe, in the language of the caller; empty where nothing decided that.' }),
    action: Type.String({ description: 'What to do first, in the language of the caller.' }),
  },
  { title: 'AnomalyView' },
);
export type AnomalyView = Static<typeof AnomalyView>;

/** `GET /anomalies`: newest first. */
export const AnomalyPage = Type.Object({ items: Type.Array(AnomalyView), next_cursor: NextCursor }, { title: 'AnomalyPage' });
export type AnomalyPage = Static<typeof AnomalyPage>;

/** `GET /alerts`: newest first. */
export const AlertPage = Type.Object({ items: Type.Array(AlertView), next_cursor: NextCursor }, { title: 'AlertPage' });
export type AlertPage = Static<typeof AlertPage>;

/** `GET /series`: oldest first, one point for every closed minute of the range. */
export const Series = Type.Object(
  {
    node: Type.String({ description: 'What was counted, e.g. `fleet`, `status:denied`, `merchant:m-1`.' }),
    items: Type.Array(SeriesPoint),
  },
  { title: 'Series' },
);
export type Series = Static<typeof Series>;

/** `GET /merchants`: worst first. */
export const MerchantList = Type.Object({ items: Type.Array(MerchantRow) }, { title: 'MerchantList' });
export type MerchantList = Static<typeof MerchantList>;

/** Events of `GET /stream`, by name. `window` is a closed or corrected minute; `scores` brings the band of minutes that
 *  were sent before they were scored; `reset` says that the client was away for too long and has to load again. */
export interface StreamEvents {
  readonly window: SeriesPoint & { readonly revision: number };
  readonly scores: readonly MinuteBand[];
  readonly anomaly: AnomalyView;
  readonly alert: AlertView;
  readonly feedback: FeedbackMark;
  readonly runbook: RunbookProgress;
  readonly stats: Stats;
  readonly heartbeat: { readonly now: string };
  readonly reset: { readonly reason: string };
}

/** How far a run of a runbook is. `text`: one message, in the language of the client, that takes the place of the last one. */
export interface RunbookProgress {
  readonly id: string;
  readonly runbook: string;
  readonly state: RunState;
  readonly text: string;
}

/** The judged side of one minute of the fleet. */
export type MinuteBand = Pick<SeriesPoint, 'minute' | 'expected' | 'expected_low' | 'expected_high' | 'ml_score' | 'z_score'>;
