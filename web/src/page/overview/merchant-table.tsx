import { useState } from 'react';
import type { MerchantRow } from '@transaction-guardian/contracts/stats.ts';
import { formatNumber, formatType } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { useWords } from '../../ui/locale.tsx';
import { sortMerchants, type MerchantColumn, type MerchantSort } from './merchant-sort.ts';

const FEW = 12;
const COLUMNS: readonly {
  readonly id: MerchantColumn;
  readonly label: Parameters<ReturnType<typeof useWords>['t']>[0];
  readonly wideOnly?: boolean;
}[] = [
  { id: 'merchant_id', label: 'console.merchants.merchant' },
  { id: 'trouble', label: 'console.merchants.problem' },
  { id: 'transactions', label: 'console.merchants.transactions' },
  { id: 'approval_rate', label: 'console.merchants.approval' },
  { id: 'denied', label: 'console.merchants.denied', wideOnly: true },
  { id: 'failed', label: 'console.merchants.failed', wideOnly: true },
  { id: 'reversed', label: 'console.merchants.reversed', wideOnly: true },
];

/** Merchants of the last hour, the worst first; every column sorts. */
export function MerchantTable({
  merchants,
  shown: open,
  onPick,
  onShow,
}: {
  /** null while they load. */
  readonly merchants: readonly MerchantRow[] | null;
  /** The merchant whose chart is shown. */
  readonly shown: string | null;
  readonly onPick: (merchantId: string) => void;
  readonly onShow: (merchantId: string | null) => void;
}) {
  const { t } = useWords();
  const [sort, setSort] = useState<MerchantSort>({ column: 'trouble', isDescending: true });
  const [isAll, setAll] = useState(false);
  const sorted = sortMerchants(merchants ?? [], sort);
  const shown = isAll ? sorted : sorted.slice(0, FEW);
  return (
    <section className="panel" aria-labelledby="merchants-title">
      <div className="panel-head">
        <h2 id="merchants-title">
          {t('console.merchants.title')} <small>{t('console.merchants.scope')}</small>
        </h2>
      </div>
      {sorted.length === 0 ? (
        <p className="nothing">{t(merchants === null ? 'console.loading' : 'console.merchants.empty')}</p>
      ) : (
        <table className="merchants">
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <Heading key={column.id} column={column} sort={sort} onSort={setSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((merchant) => (
              <Row key={merchant.merchant_id} merchant={merchant} isShown={open === merchant.merchant_id} onPick={onPick} onShow={onShow} />
            ))}
          </tbody>
        </table>
      )}
      {sorted.length > FEW && (
        <button type="button" className="more" onClick={() => setAll(!isAll)}>
          {isAll ? t('console.list.less') : t('console.list.more', { n: sorted.length })}
        </button>
      )}
    </section>
  );
}

function Heading({
  column,
  sort,
  onSort,
}: {
  readonly column: (typeof COLUMNS)[number];
  readonly sort: MerchantSort;
  readonly onSort: (sort: MerchantSort) => void;
}) {
  const { t } = useWords();
  const isSorted = sort.column === column.id;
  const label = t(column.label);
  return (
    <th
      scope="col"
      className={column.wideOnly === true ? 'wide' : undefined}
      aria-sort={isSorted ? (sort.isDescending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        aria-label={t('console.merchants.sort', { column: label })}
        onClick={() =>
          onSort({
            column: column.id,
            isDescending: isSorted ? !sort.isDescending : column.id !== 'merchant_id' && column.id !== 'approval_rate',
          })
        }
      >
        {label}
        <span aria-hidden="true" className="arrow">
          {isSorted ? (sort.isDescending ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  );
}

function Row({
  merchant,
  isShown,
  onPick,
  onShow,
}: {
  readonly merchant: MerchantRow;
  readonly isShown: boolean;
  readonly onPick: (merchantId: string) => void;
  readonly onShow: (merchantId: string | null) => void;
}) {
  const { t, locale } = useWords();
  const { worst_severity: severity, worst_type: type } = merchant;
  const share = (count: number) => (
    <td className="wide num">
      {formatNumber(locale, count)}
      <small>{merchant.transactions > 0 ? ` ${formatNumber(locale, (100 * count) / merchant.transactions, 1)}%` : ''}</small>
    </td>
  );
  return (
    <tr className={severity === null ? undefined : `severity-${severity}`}>
      <th scope="row">
        <button
          type="button"
          className="merchant-name"
          aria-pressed={isShown}
          title={t('console.merchants.chart', { merchant: merchant.merchant_id })}
          onClick={() => onShow(isShown ? null : merchant.merchant_id)}
        >
          {merchant.merchant_id}
        </button>
      </th>
      <td>
        {severity !== null && type !== null ? (
          <button type="button" className={`chip chip-${severity}`} onClick={() => onPick(merchant.merchant_id)}>
            <Icon name={severity} size={13} />
            <span>{formatType(locale, type)}</span>
          </button>
        ) : (
          <span className="calm">{t('console.merchants.healthy')}</span>
        )}
      </td>
      <td className="num">{formatNumber(locale, merchant.transactions)}</td>
      <td className="num">{merchant.approval_rate === null ? '–' : `${formatNumber(locale, merchant.approval_rate, 1)}%`}</td>
      {share(merchant.denied)}
      {share(merchant.failed)}
      {share(merchant.reversed)}
    </tr>
  );
}
