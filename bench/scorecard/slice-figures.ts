import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { percent, show, type Figure } from './figure.ts';
import { runSlices, type Placed } from './slice-study.ts';

/** Figures and a table of how well broken slices are named. */
export function sliceFigures(full: boolean): { readonly figures: Figure[]; readonly rows: string[][] } {
  const placed = Array.from({ length: full ? 20 : 3 }, (_, index) => runSlices({ seed: `slice-${index + 1}`, days: 1 })).flat();
  const caught = placed.filter(({ isCaught }) => isCaught);
  const wrong = caught.filter(({ isExact }) => !isExact);
  const figures: Figure[] = [
    {
      id: 'slices.caught',
      name: 'single transactions: incidents of one slice caught',
      value: (100 * caught.length) / placed.length,
      unit: '%',
      better: 'higher',
      note: `${caught.length} of ${placed.length}`,
    },
    {
      id: 'slices.named',
      name: 'single transactions: the very slice named, nothing beside it',
      value: (100 * (caught.length - wrong.length)) / caught.length,
      unit: '%',
      better: 'higher',
      goal: 95,
      note: wrong.map(({ incident, told }) => `${incident.type} ${inWords(incident.slice)} reported as ${inWords(told)}`).join('; '),
    },
  ];
  return { figures, rows: [['type', 'incidents', 'caught', 'slice named', 'anomalies an incident'], ...typeRows(placed)] };
}

function typeRows(placed: readonly Placed[]): string[][] {
  return [...Map.groupBy(placed, ({ incident }) => incident.type)].map(([type, own]) => {
    const caught = own.filter(({ isCaught }) => isCaught);
    const named = caught.filter(({ isExact }) => isExact).length;
    const opened = own.reduce((sum, one) => sum + one.opened, 0);
    return [
      type,
      String(own.length),
      String(caught.length),
      caught.length === 0 ? '-' : percent(named / caught.length),
      show(opened / own.length),
    ];
  });
}

const inWords = (slice: Slice): string => Object.values(slice).join(' x ') || 'everything';
