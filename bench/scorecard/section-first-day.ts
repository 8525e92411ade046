import { show, percent, type Figure, type Section, type SectionOptions } from './figure.ts';
import { CURVES } from './first-day-curve.ts';
import { KIND_NAMES } from './first-day-incidents.ts';
import { judgeDay, type JudgedDay, type ReportedIncident } from './first-day-study.ts';
import { MINUTES, MISSING, BURST_PLACES, studyBursts, BURST_TIMES, type BurstStudy, type BurstTrial } from './first-day-bursts.ts';
import { median } from './score-windows.ts';

const DAYS = 40;
/** Streams of each place of a burst. */
const STREAMS = 20;

/** Days without and with incidents of one seed. */
interface Days {
  readonly clean: readonly JudgedDay[];
  readonly broken: readonly JudgedDay[];
}

/** Files of one single day, from midnight on, with nothing before them. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const days = full ? 10 * DAYS : DAYS;
  const seen = await judgeDays('first-day', days);
  const held = await judgeDays('first-day-held', days);
  const bursts = studyBursts('bursts', full ? 10 * STREAMS : STREAMS);
  const heldBursts = studyBursts('bursts-held', full ? 10 * STREAMS : STREAMS);
  return {
    title: 'First day of a stream',
    about: `Files of one day from midnight on, as \`guardian backtest\` judges them, with nothing before: ${days} days in which nothing breaks and ${days} with six incidents or so (seed first-day), and as many that nobody looked at while the detector was made (seed first-day-held). Nights of 0.5 to 5 a minute, mornings that grow up to a hundredfold in two hours, plateaus of 100 to 400, slow waves, counts more uneven than chance, shares that drift, late rows, batches of refunds or reversals at round hours. An incident holds at least 40 nats in its first six minutes. Windows, delays, false episodes and the sweep of the score are those of the labelled stream; an incident inside another one counts when its own status is reported in it and was not before. Bursts: flat streams and those curves over three days, from an hour of the first day on; the volume rises ${BURST_TIMES.slice(1).join(', ')} times for ${MINUTES.join(', ')} minutes, over the first midnight or at any hour of the first two days. False is a fall of the volume that is reported within it or in the 150 minutes after it. Real falls, of 30 minutes, come without a burst before and 30 minutes after one; one that comes while a false fall is open counts as missed.`,
    figures: [
      ...figuresOf('first_day', seen),
      ...figuresOf('first_day.held', held),
      ...burstFigures('first_day', bursts),
      ...burstFigures('first_day.held', heldBursts),
    ],
    tables: [
      { title: 'By kind', rows: [KIND_HEAD, ...kindRows(seen, held)] },
      { title: 'Bursts that ended with a false fall', rows: [BURST_HEAD, ...burstRows(bursts, heldBursts)] },
      { title: 'Real falls reported within their 30 minutes', rows: [FALL_HEAD, ...fallRows(bursts, heldBursts)] },
      { title: 'False episodes, by curve of the day', rows: [CURVE_HEAD, ...CURVES.map((curve) => curveRow(curve, [seen, held]))] },
    ],
  };
}

async function judgeDays(seed: string, days: number): Promise<Days> {
  const clean: JudgedDay[] = [];
  const broken: JudgedDay[] = [];
  for (let index = 0; index < days; index++) {
    clean.push(await judgeDay(seed, index, true));
    broken.push(await judgeDay(seed, index, false));
  }
  return { clean, broken };
}

const incidentsOf = ({ broken }: Days): readonly ReportedIncident[] => broken.flatMap(({ incidents }) => incidents);
const delaysOf = (incidents: readonly ReportedIncident[]): number[] => incidents.flatMap(({ delay }) => (delay === null ? [] : [delay]));
const falseIn = (days: readonly JudgedDay[]): number => days.reduce((sum, { score }) => sum + score.falseEpisodes, 0);
const freeDays = (days: readonly JudgedDay[]): number => days.reduce((sum, { score }) => sum + score.freeMinutes, 0) / 1440;
const share = (part: readonly ReportedIncident[], whole: readonly ReportedIncident[]): number => (100 * part.length) / whole.length;

function figuresOf(id: string, days: Days): Figure[] {
  const all = incidentsOf(days);
  const outer = all.filter(({ isInner }) => !isInner);
  const inner = all.filter(({ isInner }) => isInner);
  const [hit, told] = [outer.filter(isReported), inner.filter(isReported)];
  const swept = outer.filter((one) => one.swept);
  const named = all.filter((one) => isReported(one) && one.isNamed);
  const delays = delaysOf(outer);
  const percentage = { unit: '%', better: 'higher' } as const;
  const minutes = { unit: 'min', better: 'lower' } as const;
  const a = { unit: 'a day', better: 'lower', goal: 0 } as const;
  return [
    { id: `${id}.hits`, name: 'incidents hit', value: share(hit, outer), ...percentage, goal: 100, note: missedOf(outer) },
    {
      id: `${id}.inner`,
      name: 'inner incidents reported by their own status',
      value: share(told, inner),
      ...percentage,
      note: missedOf(inner),
    },
    { id: `${id}.false_clean`, name: 'false episodes where nothing breaks', value: falseIn(days.clean) / freeDays(days.clean), ...a },
    { id: `${id}.false_broken`, name: 'false episodes between incidents', value: falseIn(days.broken) / freeDays(days.broken), ...a },
    { id: `${id}.median_delay`, name: 'delay, median', value: median(delays) ?? Number.NaN, ...minutes, goal: 1 },
    { id: `${id}.max_delay`, name: 'delay, longest', value: Math.max(...delays), ...minutes, goal: 6 },
    {
      id: `${id}.swept`,
      name: 'incidents hit at the threshold without false alarms',
      value: share(swept, outer),
      ...percentage,
      goal: 100,
    },
    { id: `${id}.named`, name: 'right statuses named, and no other', value: share(named, [...hit, ...told]), ...percentage, goal: 95 },
  ];
}

const isReported = ({ delay }: ReportedIncident): boolean => delay !== null;

function missedOf(incidents: readonly ReportedIncident[]): string {
  const missed = Map.groupBy(
    incidents.filter((one) => !isReported(one)),
    ({ incident }) => incident.kind,
  );
  return [...missed].map(([kind, list]) => `${kind}: ${list.length} missed`).join(', ');
}

const KIND_HEAD = ['kind', 'incidents', 'hit', 'median delay', 'longest delay', 'named', 'held out: incidents', 'hit', 'longest delay'];

function kindRows(seen: Days, held: Days): string[][] {
  const names = KIND_NAMES.flatMap((kind) => [
    { name: kind, kind, isInner: false },
    { name: `${kind}, inside another`, kind, isInner: true },
  ]);
  return names.flatMap(({ name, kind, isInner }) => {
    const of = (days: Days) => incidentsOf(days).filter((one) => one.incident.kind === kind && one.isInner === isInner);
    const [own, other] = [of(seen), of(held)];
    if (own.length + other.length === 0) return [];
    const [delays, otherDelays] = [delaysOf(own), delaysOf(other)];
    const named = own.filter((one) => isReported(one) && one.isNamed).length / delays.length;
    return [
      [
        ...[name, String(own.length), String(delays.length), show(median(delays) ?? Number.NaN), show(Math.max(...delays)), percent(named)],
        ...[String(other.length), String(otherDelays.length), show(Math.max(...otherDelays))],
      ],
    ];
  });
}

const CURVE_HEAD = ['curve', 'clean days', 'false episodes', 'days with incidents', 'false episodes'];

function curveRow(curve: string, sets: readonly Days[]): string[] {
  const of = (days: readonly JudgedDay[]) => days.filter(({ day }) => day.curve === curve);
  const clean = sets.flatMap((days) => of(days.clean));
  const broken = sets.flatMap((days) => of(days.broken));
  return [curve, String(clean.length), String(falseIn(clean)), String(broken.length), String(falseIn(broken))];
}

const partOf = <T>(all: readonly T[], is: (one: T) => boolean): number => (100 * all.filter(is).length) / all.length;
const of = <T>(all: readonly T[], is: (one: T) => boolean): string => `${all.filter(is).length} of ${all.length}`;
const isFalse = ({ isFalse: told }: BurstTrial): boolean => told;
const isBurst = ({ times }: BurstTrial): boolean => times > 1;

function burstFigures(id: string, { bursts, falls }: BurstStudy): Figure[] {
  const before = falls.filter(({ after }) => after === 'nothing');
  const behind = falls.filter(({ after }) => after === 'burst');
  const isReported = ({ delay }: { delay: number | null }): boolean => delay !== null;
  return [
    {
      id: `${id}.burst_false`,
      name: 'bursts that ended with a false fall',
      value: partOf(bursts.filter(isBurst), isFalse),
      unit: '%',
      better: 'lower',
    },
    { id: `${id}.fall`, name: 'falls of 30 to 100 % reported', value: partOf(before, isReported), unit: '%', better: 'higher' },
    {
      id: `${id}.fall_after`,
      name: 'the same, half an hour after a burst',
      value: partOf(behind, isReported),
      unit: '%',
      better: 'higher',
    },
  ];
}

const BURST_HEAD = [
  'place',
  'times',
  ...MINUTES.map((minutes) => `${minutes} min`),
  ...MINUTES.map((minutes) => `held out: ${minutes} min`),
];

function burstRows(...studies: readonly BurstStudy[]): string[][] {
  return BURST_PLACES.flatMap((place) =>
    BURST_TIMES.map((times) => [
      place,
      show(times),
      ...studies.flatMap(({ bursts }) =>
        MINUTES.map((minutes) =>
          of(
            bursts.filter((one) => one.place === place && one.times === times && one.minutes === minutes),
            isFalse,
          ),
        ),
      ),
    ]),
  );
}

const FALL_HEAD = ['missing', 'after', 'reported', 'median delay', 'held out: reported', 'median delay'];

function fallRows(...studies: readonly BurstStudy[]): string[][] {
  return (['nothing', 'burst'] as const).flatMap((after) =>
    MISSING.map((missing) => [
      `${100 * missing} %`,
      after,
      ...studies.flatMap(({ falls }) => {
        const all = falls.filter((one) => one.after === after && one.missing === missing);
        const delays = all.flatMap(({ delay }) => (delay === null ? [] : [delay]));
        return [`${delays.length} of ${all.length}`, show(median(delays) ?? Number.NaN)];
      }),
    ]),
  );
}
