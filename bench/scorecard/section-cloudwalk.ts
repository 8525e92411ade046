import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { show, type Figure, type Section, type SectionOptions } from './figure.ts';
import { nameCodes, runCloudwalk, type CloudwalkRun, type Naming } from './run-cloudwalk.ts';
import { UNCHANGED, renamed, shifted, thinnedBy } from './transform.ts';

const SWAPPED = { denied: 'failed', failed: 'denied', reversed: 'backend_reversed', backend_reversed: 'reversed', 51: '05', 59: '61' };

/** The labelled windows of the payment stream, plain and transformed. */
export async function makeSection({ data }: SectionOptions): Promise<Section | null> {
  const folder = join(data ?? '', 'cloudwalk');
  if (data === null || !existsSync(folder)) return null;
  const plain = await runCloudwalk(folder);
  const codes = await nameCodes(folder);
  const copies = [];
  for (const transform of [UNCHANGED, shifted(3), thinnedBy(0.6, 'thinned'), renamed(SWAPPED)]) {
    const run = transform === UNCHANGED ? plain : await runCloudwalk(folder, transform);
    const named = transform === UNCHANGED ? codes : await nameCodes(folder, transform);
    copies.push(copyRow(transform.name, run, named));
  }
  return {
    title: 'Labelled windows of a payment stream (CloudWalk)',
    about:
      'Three days by minute and status, 14 incident windows. Delay 0 is the first minute of the window. A window is named right when its own status (its own code) was reported and no other one.',
    figures: cloudwalkFigures(plain, codes),
    tables: [
      {
        title: 'Transformed copies',
        rows: [['copy', 'hits', 'false episodes', 'median delay', 'max delay', 'zero-FA hits', 'statuses right', 'codes right'], ...copies],
      },
      {
        title: 'Windows',
        rows: [['window', 'delay', 'status wanted', 'status reported', 'codes wanted', 'codes reported'], ...windowRows(plain, codes)],
      },
    ],
  };
}

/** The figures of the plain stream. */
export function cloudwalkFigures({ score, statuses }: CloudwalkRun, codes: readonly Naming[]): Figure[] {
  const right = statuses.filter(({ id, isRight }) => isRight && codes.every((code) => code.id !== id || code.isRight));
  const wrong = statuses.filter((one) => !right.includes(one)).map(({ id }) => id);
  const missed = Object.keys(score.delays).filter((id) => score.delays[id] === null);
  const minutes = { unit: 'min', better: 'lower' } as const;
  return [
    {
      id: 'cloudwalk.hits',
      name: 'windows hit',
      value: score.hit,
      unit: `of ${score.required}`,
      better: 'higher',
      goal: 14,
      best: 'prototype 14; Isolation Forest with features 15 of 19',
      note: missed.length > 0 ? `missed: ${missed.join(', ')}` : '',
    },
    {
      id: 'cloudwalk.false_episodes',
      name: 'false alarm episodes',
      value: score.falseEpisodes,
      unit: 'in 3 days',
      better: 'lower',
      goal: 0,
      best: 'prototype 1; Isolation Forest 4.4 a clean day',
      note: `${score.falseMinutes} false minutes of ${score.freeMinutes}`,
    },
    {
      id: 'cloudwalk.median_delay',
      name: 'delay, median',
      value: score.medianDelay ?? Number.NaN,
      ...minutes,
      goal: 1,
      best: 'prototype 1',
    },
    { id: 'cloudwalk.max_delay', name: 'delay, longest', value: score.maxDelay ?? Number.NaN, ...minutes, goal: 6 },
    {
      id: 'cloudwalk.zero_false_hits',
      name: 'windows hit at the threshold without false alarms',
      value: score.zeroFalse.hit,
      unit: `of ${score.required}`,
      better: 'higher',
      goal: 14,
    },
    {
      id: 'cloudwalk.named',
      name: 'right status and code named',
      value: (100 * right.length) / statuses.length,
      unit: '%',
      better: 'higher',
      goal: 95,
      note: wrong.length > 0 ? `wrong: ${wrong.join(', ')}` : '',
    },
  ];
}

const rightOf = (names: readonly Naming[]): string => `${names.filter(({ isRight }) => isRight).length} of ${names.length}`;

function copyRow(name: string, { score, statuses }: CloudwalkRun, codes: readonly Naming[]): string[] {
  const [middle, most] = [score.medianDelay ?? Number.NaN, score.maxDelay ?? Number.NaN];
  return [
    name,
    `${score.hit} of ${score.required}`,
    String(score.falseEpisodes),
    show(middle),
    show(most),
    String(score.zeroFalse.hit),
    rightOf(statuses),
    rightOf(codes),
  ];
}

function windowRows({ score, statuses }: CloudwalkRun, codes: readonly Naming[]): string[][] {
  return statuses.map(({ id, wanted, told }) => {
    const code = codes.find((one) => one.id === id);
    const delay = score.delays[id];
    return [
      id,
      delay == null ? 'missed' : String(delay),
      wanted.join(' '),
      told.join(' '),
      code?.wanted.join(' ') ?? '',
      code?.told.join(' ') ?? '',
    ];
  });
}
