import type { Figure, Section, SectionOptions } from './figure.ts';
import { runHolidayOutages, runNewMerchants, runSpecialDays, type SpecialDay } from './special-days.ts';

/** New merchants, and days on which much changes and nothing breaks. */
export async function makeSection({ full }: SectionOptions): Promise<Section | null> {
  const seeds = Array.from({ length: full ? 10 : 2 }, (_, index) => `special-${index + 1}`);
  const days = runSpecialDays(seeds);
  const outages = runHolidayOutages(seeds);
  const merchants = runNewMerchants(full ? 400 : 60);
  const [control, ...special] = days;
  const compared = control === undefined ? '' : `${control.falseOnes.length} on as many ordinary Sundays`;
  return {
    title: 'New merchants and special days',
    about:
      'Companies of six merchants (seeds special-1 and on) that were learnt for two weeks, before the second holiday for six. Holidays are those of the default calendar (Brazil), lived like Sundays. The simulator changes the factor of the weekday at midnight, all at once. New merchants: 20 transactions a minute, an outage from the 20th minute on.',
    figures: [
      {
        id: 'special.new_merchant',
        name: 'outages of new merchants caught',
        value: (100 * merchants.caught) / merchants.trials,
        unit: '%',
        better: 'higher',
        goal: 98,
        note: `${merchants.caught} of ${merchants.trials}; ${merchants.falseOnes} false anomalies before`,
      },
      {
        id: 'special.holiday_outage',
        name: 'outages on a first holiday caught',
        value: (100 * outages.caught) / outages.outages,
        unit: '%',
        better: 'higher',
        goal: 100,
        note: `${outages.caught} of ${outages.outages}, the last after ${outages.longest} min`,
      },
      ...special.map((day, index): Figure => figureOf(day, `special.day_${index + 1}`, compared)),
    ],
    tables: [
      {
        title: 'What opened',
        rows: [
          ['day', 'anomalies'],
          ...days.map(({ name, falseOnes }) => [
            name,
            falseOnes
              .map(({ type, node, detected_at }) => `${type} ${node.merchant_id ?? node.status ?? node.kind} ${detected_at.slice(5, 16)}`)
              .join(', ') || 'none',
          ]),
        ],
      },
    ],
  };
}

function figureOf({ name, runs, falseOnes }: SpecialDay, id: string, compared: string): Figure {
  const note = name.startsWith('clocks') ? compared : '';
  return { id, name: `${name}: false anomalies`, value: falseOnes.length, unit: `in ${runs} days`, better: 'lower', goal: 0, note };
}
