import { percent, show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { THRESHOLD_NATS, runLowVolume, type LowVolumeCell } from './low-volume-study.ts';
import { shareMargin } from './statistics.ts';

const RATES = [400, 120, 20, 3];
const GOALS: Readonly<Record<number, { readonly hit: number; readonly best: string }>> = {
  400: { hit: 99, best: 'prototype 100 %' },
  120: { hit: 99, best: 'prototype 100 %' },
  20: { hit: 98, best: 'prototype 65 %' },
  3: { hit: 90, best: 'prototype 2 %' },
};

/** Incidents of half an hour at 400, 120, 20 and 3 transactions a minute. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const work = { seed: 'study', rates: RATES, streams: full ? 40 : 10, incidents: full ? 25 : 10 };
  const alone = runLowVolume(work);
  const merchant = runLowVolume({ ...work, asMerchant: true });
  return {
    title: 'Low volume',
    about: `Incidents of 30 minutes on flat streams that were learnt for a day, ${work.streams * work.incidents} of each kind (seed "study"). Delays count the minutes of the incident that were seen, 1 is the first; the median is of all incidents, a missed one takes for ever ("-": half of them or more were missed). Bound: ${show(THRESHOLD_NATS)} nats (one false alarm in a thousand days) over the evidence of a minute of the incident, at least one minute; the optimal test knows both rates in advance. Allowed: 2 x bound + 1.`,
    figures: [
      ...lowVolumeFigures('low_volume.stream', 'a stream by itself', alone),
      ...lowVolumeFigures('low_volume.merchant', 'a merchant of a company of eleven', merchant),
    ],
    tables: [
      { title: 'A stream by itself', rows: [HEAD, ...alone.map(cellRow)] },
      { title: 'A merchant of a company of eleven', rows: [HEAD, ...merchant.map(cellRow)] },
    ],
  };
}

const HEAD = [
  'a minute',
  'incident',
  'caught',
  '+-',
  'median delay',
  'bound',
  'allowed',
  'optimal test caught',
  'optimal delay',
  'false before',
];
const allowed = ({ bound }: LowVolumeCell): number => 2 * bound + 1;

function cellRow(cell: LowVolumeCell): string[] {
  const { perMinute, kind, trials, caught, delay, bound, bestCaught, bestDelay, falseOnes, cleanMinutes } = cell;
  const share = caught / trials;
  const delays = [delay ?? Number.NaN, bound, allowed(cell)].map(show);
  return [
    String(perMinute),
    kind,
    percent(share),
    percent(shareMargin(share, trials)),
    ...delays,
    percent(bestCaught / trials),
    show(bestDelay ?? Number.NaN),
    `${falseOnes} in ${show(cleanMinutes / 1440)} days`,
  ];
}

/** Hit rate and delay by rate; `id` starts the ids, `where` says what was studied. */
export function lowVolumeFigures(id: string, where: string, cells: readonly LowVolumeCell[]): Figure[] {
  return [...Map.groupBy(cells, ({ perMinute }) => perMinute)].flatMap(([perMinute, group]): Figure[] => {
    const sum = (key: 'trials' | 'caught' | 'bestCaught'): number => group.reduce((all, cell) => all + cell[key], 0);
    const worst = group.toSorted((a, b) => a.caught / a.trials - b.caught / b.trials)[0];
    const slowest = group.toSorted((a, b) => slowness(b) - slowness(a))[0];
    const { hit: goal, best } = GOALS[perMinute] ?? { hit: 0, best: '' };
    const note = `optimal test ${percent(sum('bestCaught') / sum('trials'))}; least: ${worst?.kind ?? ''}, ${percent((worst?.caught ?? 0) / (worst?.trials ?? 1))}`;
    const slow =
      slowest === undefined
        ? {}
        : {
            note: `${slowest.kind}: ${slowest.delay === null ? 'half of them or more were missed' : `${show(slowest.delay)} min`}, allowed ${show(allowed(slowest))} min`,
          };
    return [
      {
        id: `${id}.${perMinute}.hits`,
        name: `${perMinute} a minute, ${where}: caught`,
        value: (100 * sum('caught')) / sum('trials'),
        unit: '%',
        better: 'higher',
        goal,
        best,
        note,
      },
      {
        id: `${id}.${perMinute}.delay`,
        name: `${perMinute} a minute, ${where}: worst delay over what is allowed`,
        value: slowest === undefined ? Number.NaN : slowness(slowest),
        unit: 'x',
        better: 'lower',
        goal: 1,
        ...slow,
      },
    ];
  });
}

const slowness = (cell: LowVolumeCell): number => (cell.delay ?? Number.POSITIVE_INFINITY) / allowed(cell);
