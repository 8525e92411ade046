import { formatAmount, formatDay, formatTime, formatZ } from '../view/format.ts';
import { useWords } from '../view/locale.tsx';
import type { Column } from './chart-data.ts';
import { STACK_ORDER, STATUS_COLOUR } from './status-colour.ts';

const TIP_WIDTH = 216;

/** Values of the minute under the pointer. `left`, `width`: pixels in the chart. */
export function ChartTip({ column, left, width }: { readonly column: Column; readonly left: number; readonly width: number }) {
  const { t, locale, timeZone } = useWords();
  const { point } = column;
  const isSilent = point === null || column.stack === null;
  const isRight = left > width - TIP_WIDTH - 24;
  const at = column.x * 1000;
  return (
    <div className="tip" style={{ left: isRight ? Math.max(0, left - TIP_WIDTH - 12) : left + 12, width: TIP_WIDTH }}>
      <p className="tip-time">
        {formatDay(locale, timeZone, at)} {formatTime(locale, timeZone, at)}
      </p>
      {isSilent ? (
        <p>{t('console.chart.no_data')}</p>
      ) : (
        <dl>
          <dt>{t('console.chart.total')}</dt>
          <dd>{formatAmount(locale, point.total)}</dd>
          {point.expected !== null && (
            <>
              <dt>{t('console.chart.expected')}</dt>
              <dd>
                {formatAmount(locale, point.expected)}
                {point.low !== null && point.high !== null && (
                  <small>
                    {' '}
                    {formatAmount(locale, Math.max(0, point.low))}–{formatAmount(locale, point.high)}
                  </small>
                )}
              </dd>
            </>
          )}
          {STACK_ORDER.toReversed()
            .filter((status) => (point.by_status[status] ?? 0) > 0)
            .map((status) => (
              <TipRow
                key={status}
                colour={STATUS_COLOUR[status]}
                name={t(`transaction.status.${status}`)}
                value={formatAmount(locale, point.by_status[status] ?? 0)}
              />
            ))}
          {point.z_score !== null && (
            <>
              <dt>{t('console.row.z')}</dt>
              <dd>{formatZ(locale, point.z_score)}</dd>
            </>
          )}
        </dl>
      )}
    </div>
  );
}

function TipRow({ colour, name, value }: { readonly colour: string; readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>
        <i className="swatch" style={{ background: `var(${colour})` }} /> {name}
      </dt>
      <dd>{value}</dd>
    </>
  );
}
