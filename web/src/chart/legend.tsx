import type { ReactNode } from 'react';
import { presentStatuses, STATUS_COLOUR } from './status-colour.ts';
import type { Layer } from './visible-points.ts';
import type { MinutePoint } from '../live/model.ts';
import { useWords } from '../ui/locale.tsx';

interface LegendProps {
  readonly points: readonly MinutePoint[];
  /** Layers that are switched off; without `onToggle` nothing can be. */
  readonly hidden?: ReadonlySet<Layer>;
  readonly onToggle?: (layer: Layer) => void;
  /** Words for the forecast; null when there is none. */
  readonly forecast?: string | null;
  readonly hasBand?: boolean;
  readonly note?: string | null;
}

const NOTHING: ReadonlySet<Layer> = new Set();

/** What the colours of a chart mean. Each entry switches its layer off and on. */
export function Legend({ points, hidden = NOTHING, onToggle, forecast = null, hasBand = false, note = null }: LegendProps) {
  const { t } = useWords();
  const hasHole = points.some((point) => point.state === 'silent');
  const isPartial = points.some((point) => point.state === 'incomplete');
  const entry = (layer: Layer, swatch: ReactNode, name: string) => (
    <li key={layer}>
      {onToggle === undefined ? (
        <>
          {swatch} {name}
        </>
      ) : (
        <button type="button" aria-pressed={!hidden.has(layer)} onClick={() => onToggle(layer)}>
          {swatch} {name}
        </button>
      )}
    </li>
  );
  return (
    <ul className="legend">
      {presentStatuses(points)
        .toReversed()
        .map((status) =>
          entry(
            status,
            <i className="swatch" style={{ background: `var(${STATUS_COLOUR[status]})` }} />,
            t(`transaction.status.${status}`),
          ),
        )}
      {hasBand && entry('band', <i className="swatch swatch-band" />, t('console.chart.band'))}
      {forecast !== null && entry('forecast', <i className="swatch swatch-ahead" />, forecast)}
      {hasHole && (
        <li>
          <i className="swatch swatch-hatch" /> {t('console.chart.no_data')}
        </li>
      )}
      {isPartial && (
        <li>
          <i className="swatch swatch-incomplete" /> {t('console.chart.incomplete')}
        </li>
      )}
      {note !== null && <li className="legend-note">{note}</li>}
    </ul>
  );
}
