import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { SEVERITY_RANK } from '../live/severity.ts';

/** An anomaly on the time axis. `from`, `to`: epoch seconds; `to` is the end of the chart while it is open. */
export interface Span {
  readonly id: string;
  readonly severity: Severity;
  readonly from: number;
  readonly to: number;
}

/** Icons that would overlap, shown as one: it opens the worst. `x`: pixels from the left of the plot. */
export interface ChartMark {
  readonly id: string;
  readonly severity: Severity;
  readonly x: number;
  readonly count: number;
}

type Spanned = Pick<Anomaly, 'id' | 'severity' | 'started_at' | 'resolved_at' | 'status' | 'duration_minutes'>;

/** Spans of the anomalies that touch the range, the least severe first, so that the worst is painted last. */
export function spansOf(anomalies: readonly Spanned[], range: { readonly from: number; readonly to: number }): readonly Span[] {
  return anomalies
    .map((anomaly): Span => {
      const from = Date.parse(anomaly.started_at) / 1000;
      const end = anomaly.resolved_at === null ? range.to : Date.parse(anomaly.resolved_at) / 1000;
      return { id: anomaly.id, severity: anomaly.severity, from, to: Math.max(end, from + 60) };
    })
    .filter((span) => span.to > range.from && span.from < range.to)
    .sort((a, b) => SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] || a.from - b.from);
}

/** A stretch of time in which `severity` is the worst. */
export type Stretch = Pick<Span, 'severity' | 'from' | 'to'>;

/** Cuts overlapping spans into stretches that do not overlap: each has the worst severity of its time. */
export function flattenSpans(spans: readonly Span[]): readonly Stretch[] {
  const edges = [...new Set(spans.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const stretches: { severity: Severity; from: number; to: number }[] = [];
  for (const [index, from] of edges.entries()) {
    const to = edges[index + 1];
    const covering = spans.filter((span) => span.from <= from && span.to > from);
    const worst = covering.reduce<Span | null>(
      (found, span) => (found === null || SEVERITY_RANK[span.severity] < SEVERITY_RANK[found.severity] ? span : found),
      null,
    );
    if (to === undefined || worst === null) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.to === from && last.severity === worst.severity) last.to = to;
    else stretches.push({ severity: worst.severity, from, to });
  }
  return stretches;
}

/** Places one icon at the start of every span (at `left` when that is before the plot), joining icons closer than `gapPx`. */
export function markSpans(spans: readonly Span[], toX: (seconds: number) => number, { left = 0, gapPx = 26 } = {}): readonly ChartMark[] {
  const placed = spans.map((span) => ({ span, x: Math.max(left, toX(span.from)) })).sort((a, b) => a.x - b.x);
  const marks: ChartMark[] = [];
  for (const { span, x } of placed) {
    const last = marks.at(-1);
    if (last === undefined || x - last.x >= gapPx) {
      marks.push({ id: span.id, severity: span.severity, x, count: 1 });
    } else {
      const isWorse = SEVERITY_RANK[span.severity] < SEVERITY_RANK[last.severity];
      marks[marks.length - 1] = { ...last, count: last.count + 1, ...(isWorse ? { id: span.id, severity: span.severity } : {}) };
    }
  }
  return marks;
}
