import type { IncidentFigures } from '@transaction-guardian/contracts/incident.ts';
import { durationText } from '../parts/duration-text.ts';
import { usePageWords } from '../parts/page-words.ts';

const COLUMNS = [
  ['mttd', 'mean_to_detect_s'],
  ['time_deliver', 'mean_to_deliver_s'],
  ['mtta', 'mean_to_acknowledge_s'],
  ['mttr', 'mean_to_resolve_s'],
  ['mtbf', 'mean_between_s'],
] as const;

/** Mean times of incidents, a row for each priority and one for all; a dash where nothing is known. */
export function FiguresTable({ figures }: { readonly figures: readonly IncidentFigures[] }) {
  const { p } = usePageWords();
  return (
    <>
      <table className="figures">
        <thead>
          <tr>
            <th scope="col">{p('page.incident.priority')}</th>
            <th scope="col">{p('page.incident.by_count')}</th>
            {COLUMNS.map(([name]) => (
              <th key={name} scope="col">
                {p(`page.incident.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figures.map((row) => (
            <tr key={row.priority ?? 'all'}>
              <th scope="row">{row.priority ?? p('page.incident.total')}</th>
              <td data-label={p('page.incident.by_count')}>{row.count}</td>
              {COLUMNS.map(([name, field]) => (
                <td key={name} data-label={p(`page.incident.${name}`)}>
                  {durationText(row[field])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">{p('page.incident.figures_hint')}</p>
    </>
  );
}
