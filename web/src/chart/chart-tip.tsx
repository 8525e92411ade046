import { formatAmount, formatDay, formatTime, formatZ } from '../ui/format.ts';
import type { MinutePoint } from '../live/model.ts';
import { useWords } from '../ui/locale.tsx';
import type { AheadColumn, Column } from './chart-data.ts';
import { STACK_ORDER, STATUS_COLOUR } from './status-colour.ts';

const TIP_WIDTH = 216;

/** Values of the minute under the pointer. `left`, `width`: pixels in the chart. */
export function ChartTip({
  column,
  left,
  width,
}: {
  readonly column: Column | AheadColumn;
  readonly left: number;
  readonly width: number;
}) {
  const { locale, timeZone } = useWords();
  const isRight = left > width - TIP_WIDTH - 24;
  const at = column.x * 1000;
  return (
    <div className="tip" style={{ left: isRight ? Math.max(0, left - TIP_WIDTH - 12) : left + 12, width: TIP_WIDTH }}>
      <p className="tip-time">
        {formatDay(locale, timeZone, at)} {formatTime(locale, timeZone, at)}
      </p>
      {'step' in column ? <AheadValues step={column.step} /> : <PastValues column={column} />}
    </div>
  );
}

/** What is expected of a minute that is still to come. */
function AheadValues({ step }: Pick<AheadColumn, 'step'>) {
  const { t, locale } = useWords();
  const range = (low: number, high: number) => `${formatAmount(locale, low)}–${formatAmount(locale, high)}`;
  return (
    <>
      <dl>
        <dt>{t('console.chart.expected')}</dt>
        <dd>{formatAmount(locale, step.expected)}</dd>
        <dt>{t('console.chart.ahead_80')}</dt>
        <dd>{range(step.low80, step.high80)}</dd>
        <dt>{t('console.chart.ahead_99')}</dt>
        <dd>{range(step.low99, step.high99)}</dd>
      </dl>
      {step.learning && <p>{t('console.chart.ahead_learning')}</p>}
    </>
  );
}

function PastValues({ column: { point, stack } }: { readonly column: Column }) {
  const { t } = useWords();
  if (point === null || stack === null) return <p>{t('console.chart.no_data')}</p>;
  return (
    <>
      {point.state === 'incomplete' && <p>{t('console.chart.incomplete')}</p>}
      <Counts point={point} />
    </>
  );
}

function Counts({ point }: { readonly point: MinutePoint }) {
  const { t, locale } = useWords();
  return (
    <dl>
      <dt>{t('console.chart.total')}</dt>
      <dd>{formatAmount(locale, point.total)}</dd>
      {point.expected !== null && (
        <>
          <dt>{t('console.chart.expected')}</dt>
          <dd>
            {formatAmount(locale, point.expected)}
            {point.expected_low !== null && point.expected_high !== null && (
              <small>
                {' '}
                {formatAmount(locale, Math.max(0, point.expected_low))}–{formatAmount(locale, point.expected_high)}
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
          <dt>{t('console.chart.z')}</dt>
          <dd>{formatZ(locale, point.z_score)}</dd>
        </>
      )}
    </dl>
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
