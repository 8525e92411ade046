import { useCallback } from 'react';
import type { Delivery } from '@transaction-guardian/contracts/notification.ts';
import type { Ask } from '../../live/ask.ts';
import { formatAge } from '../../ui/format.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { useWords } from '../../ui/locale.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { usePartTexts } from './part-texts.ts';

type Receiver = Delivery['receivers'][number];

const SIGNS: Readonly<Record<Receiver['state'], readonly [IconName, string]>> = {
  proven: ['resolved', 'good'],
  unproven: ['warning', 'warning'],
  failing: ['critical', 'critical'],
  unknown: ['empty', 'plain'],
};

const EVERY_MS = 30_000;
/** An answer that is older says nothing of now. */
const OLD_MS = 120_000;

/** Of each receiver when a message has last provably arrived, and whether one since has not. Nothing where there are no receivers; an
 *  answer that could not be read again is shown as old, never as good. */
export function Proof({ ask, now }: { readonly ask: Ask; readonly now: number }) {
  const { t, locale } = useWords();
  const { value, readAt, failure } = useLoaded(
    useCallback(() => ask.get<Delivery>('/delivery'), [ask]),
    EVERY_MS,
  );
  if (value?.receivers.length === 0) return null;
  const sinceRead = readAt === null ? 0 : Math.max(0, now - readAt);
  const isOld = failure !== null || sinceRead > OLD_MS;
  return (
    <section className={isOld ? 'proof is-old' : 'proof'} aria-label={t('console.proof.title')}>
      <h2>{t('console.proof.title')}</h2>
      {value === null ? (
        <p className="proof-note">{failure === null ? t('console.loading') : t('console.error.load', { message: failure })}</p>
      ) : (
        <ul>
          {value.receivers.map((one) => (
            <Item key={one.receiver} receiver={one} sinceReadMs={sinceRead} isOld={isOld} />
          ))}
        </ul>
      )}
      {value !== null && <Times times={value.times} />}
      {value !== null && isOld && <p className="proof-note">{t('console.stale', { age: formatAge(locale, sinceRead) })}</p>}
    </section>
  );
}

/** How long the alerts of the last day took from the end of their bad minute to their receipt. */
function Times({ times: { alerts, detection, total } }: { readonly times: Delivery['times'] }) {
  const { t } = useWords();
  if (detection === null || total === null) return null;
  const figures = { total50: total.p50, total99: total.p99, detection50: detection.p50, detection99: detection.p99, n: alerts };
  return <p className="proof-note">{t('console.proof.times', figures)}</p>;
}

interface ItemProps {
  readonly receiver: Receiver;
  readonly sinceReadMs: number;
  readonly isOld: boolean;
}

function Item({ receiver: { receiver, state, age_s: ageS, error }, sinceReadMs, isOld }: ItemProps) {
  const { t, locale } = useWords();
  const texts = usePartTexts(error !== null);
  const [icon, tone] = SIGNS[state];
  const age = ageS === null ? t('console.proof.never') : t('console.proof.last', { age: formatAge(locale, ageS * 1000 + sinceReadMs) });
  return (
    <li>
      <span className={`chip chip-${isOld ? 'plain' : tone}`}>
        <Icon name={icon} size={14} />
        <span>{t(`console.proof.${state}`)}</span>
      </span>
      <span className="proof-text">
        <strong>{receiver}</strong> <span>{age}</span>
        {error !== null && <span title={error}>{texts?.failureText(locale, error) ?? error}</span>}
      </span>
    </li>
  );
}
