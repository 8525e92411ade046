import { quantile, type BenchResult } from '../bench.ts';
import type { Look, Watch } from './watch.ts';

const MB = 1_048_576;
/** Its total and six statuses. */
const SERIES_A_MERCHANT = 7;

/** `history`: minutes before now that are sent as fast as they are taken, so that the detector judges; `live`: minutes at
 *  the pace of the clock, which are measured. */
export interface Plan {
  readonly merchants: number;
  readonly history: number;
  readonly live: number;
}

/** What a run did: `rows` sent in `caughtUpMs` until the present was reached, `sent` afterwards. */
interface Run {
  readonly plan: Plan;
  readonly watch: Watch;
  /** Before the minutes that are measured. */
  readonly before: Look;
  readonly rows: number;
  readonly caughtUpMs: number;
  readonly sent: number;
}

/** The figures of a run. Throws when the detector follows fewer series than were sent. */
export function report(run: Run): readonly BenchResult[] {
  const { looks, answers } = run.watch;
  const last = looks.at(-1) ?? run.before;
  const minutes = perMinute(looks);
  return [
    ...recordFigures(run, last, minutes.length),
    memoryFigure(looks, last),
    processorFigure(run.before, last),
    ...detectorFigures(minutes, last, last.corrections.count - run.before.corrections.count),
    ...[...answers].map(([name, times]) => answerFigure(name, times)),
  ];
}

function recordFigures({ plan, rows, caughtUpMs, sent }: Run, { series }: Look, minutes: number): BenchResult[] {
  const expected = plan.merchants * SERIES_A_MERCHANT;
  if (series < expected) throw new Error(`the detector follows ${series} series, expected ${expected}`);
  const live = { merchants: plan.merchants, minutes, 'records/s': sent / (plan.live * 60) };
  const seconds = caughtUpMs / 1000;
  const history = { value: rows / seconds, unit: 'records/s', better: 'higher', details: { records: rows, seconds } } as const;
  return [
    { name: 'series live', value: series, unit: 'series', better: 'higher', goal: expected, details: live },
    { name: 'history before it', ...history },
  ];
}

function memoryFigure(looks: readonly Look[], last: Look): BenchResult {
  const most = (value: (look: Look) => number): number => Math.max(...looks.map(value)) / MB;
  const details = {
    'main heap': most(({ mainHeapBytes }) => mainHeapBytes),
    'pipeline heap': most(({ pipelineHeapBytes }) => pipelineHeapBytes),
    'pipeline outside heap': most(({ pipelineExternalBytes }) => pipelineExternalBytes),
    'state of the detector': last.stateBytes / MB,
  };
  return { name: 'memory of the process, most', value: most(({ residentBytes }) => residentBytes), unit: 'MB', better: 'lower', details };
}

function processorFigure(before: Look, last: Look): BenchResult {
  const seconds = (last.at - before.at) / 1000;
  const share = (100 * (last.cpuSeconds - before.cpuSeconds)) / seconds;
  return { name: 'processor', value: share, unit: '% of a core', better: 'lower', details: { seconds } };
}

function detectorFigures(minutes: readonly MinuteTimes[], { series }: Look, corrections: number): BenchResult[] {
  const points = minutes.map(({ judge }) => (judge * 1e6) / series);
  const work = minutes.map(({ judge, read }) => (judge + read) * 1000);
  const reads = minutes.map(({ read }) => read * 1000);
  const delays = minutes.map(({ delay }) => delay * 1000);
  const lower = (name: string, unit: string, values: readonly number[]) => ({
    ...{ name, unit, better: 'lower' as const, value: quantile(values, 0.99) },
    details: { p50: quantile(values, 0.5) },
  });
  const ofMinutes = lower('detector a minute, p99', 'ms', work);
  return [
    { ...lower('detector a point, p99', 'us', points), goal: 5 },
    { ...ofMinutes, details: { ...ofMinutes.details, 'read p50': quantile(reads, 0.5), corrections } },
    lower('minute closed -> scored, p99', 'ms', delays),
  ];
}

function answerFigure(name: string, times: readonly number[]): BenchResult {
  const details = { asked: times.length, p50: quantile(times, 0.5), max: Math.max(...times) };
  return { name: `${name}, p99`, value: quantile(times, 0.99), unit: 'ms', better: 'lower', details };
}

type MinuteTimes = Look['minutes'];

/** What each minute took, in seconds: the differences between looks that saw one more. */
function perMinute(looks: readonly Look[]): MinuteTimes[] {
  const found: MinuteTimes[] = [];
  let known = looks[0]?.minutes;
  for (const { minutes } of looks) {
    if (known !== undefined && minutes.count > known.count) {
      const count = minutes.count - known.count;
      const share = (part: 'read' | 'judge' | 'delay') => (minutes[part] - (known?.[part] ?? 0)) / count;
      found.push({ count, read: share('read'), judge: share('judge'), delay: share('delay') });
    }
    known = minutes;
  }
  return found;
}
