import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { runLowVolume } from './low-volume-study.ts';
import { runMenu } from './menu-study.ts';
import { runNull } from './null-study.ts';
import { runNab } from './run-nab.ts';
import { nameCodes, runCloudwalk } from './run-cloudwalk.ts';
import { cloudwalkFigures } from './section-cloudwalk.ts';
import { lowVolumeFigures } from './section-low-volume.ts';
import { menuFigures } from './section-menu.ts';
import { nabFigures } from './section-nab.ts';
import { nullFigures } from './section-null.ts';

/** The figures of the labelled stream below the folder of the data sets. */
export async function labelledFigures(data: string): Promise<Figure[]> {
  const folder = join(data, 'cloudwalk');
  return cloudwalkFigures(await runCloudwalk(folder), await nameCodes(folder));
}

/** The figures of the anomaly benchmark below the folder of the data sets. */
export async function benchmarkFigures(data: string): Promise<Figure[]> {
  return nabFigures((await runNab(join(data, 'nab'))).score);
}

/** A small part of the simulated studies, for every run of the tests: seconds, no data needed, the same on every machine. */
export function simulatedFigures(): Figure[] {
  return [
    ...menuFigures('quick.menu', [runMenu({ seed: 'quick', merchants: 20, learnDays: 2, days: 2 })]),
    ...nullFigures('quick.null', [runNull({ seed: 'quick', merchants: 20, days: 3 })]),
    ...lowVolumeFigures(
      'quick.low_volume',
      'a stream by itself',
      runLowVolume({ seed: 'quick', rates: [120, 20, 3], streams: 3, incidents: 6 }),
    ),
  ];
}
