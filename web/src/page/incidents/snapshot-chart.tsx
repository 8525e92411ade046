import { formatAmount } from '../../ui/format.ts';
import { usePageWords } from '../parts/page-words.ts';

interface Minute {
  readonly observed: number;
  readonly low: number;
  readonly high: number;
}

/** Minutes of a series as they were when the timeline wrote them down, the oldest first; counts a minute. */
interface Snapshot {
  readonly minutes: readonly Minute[];
}

const WIDTH = 600;
const HEIGHT = 120;

/** The chart behind a line of a timeline; null when there is none. */
export function readChartSnapshot(data: Readonly<Record<string, unknown>>): Snapshot | null {
  const { minutes } = data as Partial<Snapshot>;
  return Array.isArray(minutes) && minutes.length > 1 ? { minutes } : null;
}

/** What was counted, over the band that was expected. */
export function SnapshotChart({ snapshot: { minutes } }: { readonly snapshot: Snapshot }) {
  const { p, locale } = usePageWords();
  const top = Math.max(1, ...minutes.map(({ observed, high }) => Math.max(observed, high)));
  const x = (index: number): number => (index / (minutes.length - 1)) * WIDTH;
  const y = (value: number): number => HEIGHT - (Math.max(0, value) / top) * (HEIGHT - 4) - 2;
  const points = (value: (minute: Minute) => number) =>
    minutes.map((minute, index) => `${x(index).toFixed(1)},${y(value(minute)).toFixed(1)}`);
  const band = [...points(({ high }) => high), ...points(({ low }) => low).toReversed()].join(' ');
  const last = minutes.at(-1);
  const amount = (value: number | undefined) => formatAmount(locale, Math.max(0, value ?? 0));
  const label = p('page.incident.chart', { observed: amount(last?.observed), low: amount(last?.low), high: amount(last?.high) });
  return (
    <figure className="snapshot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <polygon points={band} className="snapshot-band" />
        <polyline points={points(({ observed }) => observed).join(' ')} className="snapshot-line" vectorEffect="non-scaling-stroke" />
      </svg>
      <figcaption>{label}</figcaption>
    </figure>
  );
}
