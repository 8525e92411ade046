import { ALERT_NAMES } from '../alert-name.ts';
import { ANOMALY_TYPES, SEVERITIES } from '../anomaly-type.ts';
import { STATUSES } from '../status.ts';
import type { ConsoleTextKey } from './console-text.ts';
import type { PageTextKey } from './page-text.ts';
import type { TextParams } from './render-text.ts';

/** Texts of the two parts of the catalogue that have the words of a condition. */
export interface MatcherTexts {
  readonly p: (key: PageTextKey, params?: TextParams) => string;
  readonly t: (key: ConsoleTextKey, params?: TextParams) => string;
}

const MATCHER = /^\s*(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*$/s;

const LABELS: Readonly<Record<string, PageTextKey>> = {
  alertname: 'page.label.alertname',
  severity: 'page.label.severity',
  type: 'page.label.type',
  status: 'page.label.status',
  auth_code: 'page.label.auth_code',
  acquirer: 'page.label.acquirer',
  merchant_id: 'page.label.merchant_id',
  merchant: 'page.label.merchant_id',
  payment_method: 'page.label.payment_method',
  card_bin: 'page.label.card_bin',
  cause: 'page.label.cause',
  service: 'page.label.service',
  anomaly_id: 'page.label.anomaly_id',
};

/** A condition of a silence in words: "sem lojista", "código: 51", "tipo: Negadas acima do normal". What is no condition stays as it is. */
export function matcherWords({ p, t }: MatcherTexts, matcher: string): string {
  const [, name = '', operator = '', quoted = ''] = MATCHER.exec(matcher) ?? [];
  if (operator === '') return matcher;
  const key = LABELS[name];
  const label = key === undefined ? name : p(key);
  const raw = quoted.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
  if (raw === '' && operator === '=') return p('page.matcher.absent', { label });
  if (raw === '' && operator === '!=') return p('page.matcher.present', { label });
  const value = operator === '=' || operator === '!=' ? valueWords(t, name, raw) : raw;
  const words = { '=': 'page.matcher.is', '!=': 'page.matcher.is_not', '=~': 'page.matcher.like', '!~': 'page.matcher.not_like' } as const;
  return p(words[operator as keyof typeof words], { label, value });
}

function valueWords(t: MatcherTexts['t'], name: string, value: string): string {
  const type =
    name === 'type' || name === 'alertname' ? ANOMALY_TYPES.find((one) => one === value || ALERT_NAMES[one] === value) : undefined;
  if (type !== undefined) return t(`anomaly.type.${type}`);
  const status = name === 'status' ? STATUSES.find((one) => one === value) : undefined;
  if (status !== undefined) return t(`transaction.status.${status}`);
  const severity = name === 'severity' ? SEVERITIES.find((one) => one === value) : undefined;
  return severity === undefined ? value : t(`anomaly.severity.${severity}`);
}
