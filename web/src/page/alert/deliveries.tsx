import type { AlertDelivery } from '@transaction-guardian/contracts/alert-detail.ts';
import { failureFact } from '@transaction-guardian/contracts/health-reason.ts';
import { pageReasonText } from '@transaction-guardian/contracts/text/page-text.ts';
import { formatMoment } from '../../ui/format.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { usePageWords } from '../parts/page-words.ts';

const SIGNS: Readonly<Record<AlertDelivery['state'] | 'received', readonly [IconName, string]>> = {
  pending: ['connecting', 'warning'],
  delivered: ['check', 'plain'],
  received: ['resolved', 'good'],
  failed: ['critical', 'critical'],
  dropped: ['empty', 'plain'],
};

interface DeliveriesProps {
  readonly deliveries: readonly AlertDelivery[];
  readonly now: number;
}

/** Messages about an alert by receiver: what was sent, and whether it is proven to have arrived. */
export function Deliveries({ deliveries, now }: DeliveriesProps) {
  const { p, locale, timeZone } = usePageWords();
  if (deliveries.length === 0) return <p className="hint">{p('page.alert.deliveries_none')}</p>;
  const moment = (iso: string) => formatMoment(locale, timeZone, Date.parse(iso), now);
  return (
    <ul className="deliveries">
      {deliveries.map((one) => {
        const state = one.state === 'delivered' && one.received_at !== null ? 'received' : one.state;
        const [icon, tone] = SIGNS[state];
        return (
          <li key={`${one.receiver} ${one.queued_at} ${one.status}`}>
            <span className={`chip chip-${tone}`}>
              <Icon name={icon} size={15} />
              <span>{p(`page.alert.delivery_${state}`)}</span>
            </span>
            <div>
              <p>
                <strong>{one.receiver}</strong> · {p(one.status === 'resolved' ? 'page.alert.says_end' : 'page.alert.says_firing')}
              </p>
              <p className="item-facts">
                <span>{moment(one.delivered_at ?? one.queued_at)}</span>
                {one.attempts > 1 && <span>{p('page.alert.attempts', { n: one.attempts })}</span>}
                {one.next_attempt_at !== null && <span>{p('page.alert.next_attempt', { at: moment(one.next_attempt_at) })}</span>}
                {one.read_at !== null && <span>{p('page.alert.read', { at: moment(one.read_at) })}</span>}
                {one.error !== null && one.state !== 'delivered' && (
                  <span title={one.error}>{pageReasonText(locale, failureFact(one.error))}</span>
                )}
              </p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
