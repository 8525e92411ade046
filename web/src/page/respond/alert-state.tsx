import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import { formatAlert, formatMoment } from '../../ui/format.ts';
import { useWords, type Words } from '../../ui/locale.tsx';

interface AlertStateProps {
  readonly alert: AlertView;
  /** All that fire: an alert may be the consequence of another one. */
  readonly alerts: readonly AlertView[];
  readonly silences: ReadonlyMap<string, Silence>;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
}

/** What keeps an alert from notifying, each with its owner and its end; nothing where it notifies. */
export function AlertStateLines({ alert, alerts, silences, now }: AlertStateProps) {
  const words = useWords();
  const lines = stateLines(words, { alert, alerts, silences, now });
  if (lines.length === 0) return null;
  return (
    <ul className="alert-state">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function stateLines({ t, locale, timeZone }: Words, { alert, alerts, silences, now }: AlertStateProps): string[] {
  const moment = (iso: string) => formatMoment(locale, timeZone, Date.parse(iso), now);
  const lines: string[] = [];
  const { acknowledged_by: owner, acknowledged_at: at, acknowledged_until: until } = alert;
  if (owner !== null) {
    const said = t('console.state.acknowledged', { name: owner.name, at: at === null ? '' : moment(at) });
    lines.push(until === null ? said : `${said}; ${t('console.state.again', { at: moment(until) })}`);
  }
  if (alert.snoozed_by !== null && alert.snoozed_until !== null)
    lines.push(t('console.state.snoozed', { name: alert.snoozed_by.name, at: moment(alert.snoozed_until) }));
  for (const id of alert.silenced_by) {
    const silence = silences.get(id);
    const params = silence && { name: silence.created_by.name, at: moment(silence.ends_at), reason: silence.reason };
    lines.push(params === undefined ? t('console.state.silenced_plain') : t('console.state.silenced', params));
  }
  const [cause] = alert.inhibited_by;
  if (cause !== undefined) {
    const parent = alerts.find(({ fingerprint }) => fingerprint === cause);
    lines.push(
      t('console.state.inhibited', { what: parent === undefined ? t('console.state.inhibited_plain') : formatAlert(locale, parent) }),
    );
  }
  return lines;
}

/** What keeps an alert from notifying, a word each. */
export function AlertStateTags({ alert }: { readonly alert: AlertView | undefined }) {
  const { t } = useWords();
  if (alert === undefined) return null;
  const tags = [
    ...(alert.acknowledged_by === null ? [] : [`${t('console.state.tag_acknowledged')}: ${alert.acknowledged_by.name}`]),
    ...(alert.snoozed_until === null ? [] : [t('console.state.tag_snoozed')]),
    ...(alert.silenced_by.length === 0 ? [] : [t('console.state.tag_silenced')]),
    ...(alert.inhibited_by.length === 0 ? [] : [t('console.state.tag_inhibited')]),
  ];
  return (
    <>
      {tags.map((tag) => (
        <span key={tag} className="tag tag-held">
          {tag}
        </span>
      ))}
    </>
  );
}
