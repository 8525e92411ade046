import { ANOMALY_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { STATUSES } from '@transaction-guardian/contracts/status.ts';
import { text } from '@transaction-guardian/contracts/text/text.ts';
import type { Message, NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import type { HiddenRow } from '../../store/verbs/silence/silence-hits.ts';
import type { SilenceRow } from '../../store/verbs/silence/silences.ts';
import { scopeWords } from '../../match/scope-words.ts';
import { fingerprintOf } from '../wire-labels.ts';
import { groupKeyFor } from '../group.ts';
import type { WordingOptions } from '../wording.ts';

/** Alert name of a notice about a silence. */
export const SILENCE_ALERT = 'GuardianSilence';

/** Most hidden alerts that a notice names. */
const NAMED_MOST = 5;

/** What a silence hid: the newest alerts, and how many there are. */
export interface Hidden {
  readonly hidden: readonly HiddenRow[];
  readonly count: number;
}

export interface NoticeOptions extends WordingOptions {
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
}

/** The group of the notices of a silence: one message that begins and ends. */
export const silenceGroup = (id: string): string => groupKeyFor({ scope: 'silence', silence_id: id });

/** The notice that a silence is in force (`hid` null), or that it is over and what it hid, as an alert that fires and resolves. Pure. */
export function noticeOf(receiver: string, silence: SilenceRow, hid: Hidden | null, options: NoticeOptions): Message {
  const labels = { alertname: SILENCE_ALERT, severity: 'info', silence_id: silence.id, service: 'transaction-guardian' };
  const summary = hid === null ? beginText(silence, options) : endText(silence, hid, options);
  const [title = '', ...details] = summary.split('\n');
  const { externalUrl } = options;
  const url = externalUrl === '' ? {} : { url: `${externalUrl.replace(/\/+$/, '')}/silences` };
  const alert: NotifiedAlert = {
    fingerprint: fingerprintOf(labels),
    status: hid === null ? 'firing' : 'resolved',
    severity: 'info',
    labels,
    annotations: { summary, description: details.join('\n') || title, message: summary, ...url },
    starts_at: new Date(silence.startsAt).toISOString(),
    ends_at: hid === null ? null : new Date(silence.endsAt).toISOString(),
  };
  const parts = hid === null ? { firing: [alert], resolved: [] } : { firing: [], resolved: [alert] };
  return { receiver, groupKey: silenceGroup(silence.id), ...parts, missed: [], externalUrl };
}

function beginText(silence: SilenceRow, { locale, timeZone }: WordingOptions): string {
  const params = {
    matchers: scopeWords(locale, silence.matchers).join(', '),
    until: new Date(silence.endsAt).toISOString(),
    name: silence.by.name,
  };
  const at = { timeZone, nowMs: silence.startsAt };
  const limit = silence.maxSeverity === 'critical' ? [] : [text(locale, `silence.up_to.${silence.maxSeverity}`)];
  return [
    text(locale, 'silence.began', params, at),
    text(locale, 'silence.reason', { ...params, reason: silence.reason }, at),
    ...limit,
  ].join('\n');
}

function endText(silence: SilenceRow, { hidden, count }: Hidden, { locale, timeZone }: WordingOptions): string {
  const started = new Date(silence.startsAt).toISOString();
  const params = { matchers: scopeWords(locale, silence.matchers).join(', '), started, ended: new Date(silence.endsAt).toISOString() };
  const lines = [text(locale, 'silence.ended', params), text(locale, 'silence.times', params, { timeZone, nowMs: silence.endsAt })];
  if (count === 0) return [...lines, text(locale, 'silence.hid_nothing')].join('\n');
  const firing = hidden.filter(({ isFiring }) => isFiring).length;
  lines.push(text(locale, 'silence.hid', { n: count, firing }));
  const named = [...hidden].sort((a, b) => Number(b.isFiring) - Number(a.isFiring)).slice(0, NAMED_MOST);
  for (const { name, labels, isFiring } of named) {
    const status = STATUSES.find((one) => one === labels['status']);
    const said = status === undefined ? labels['status'] : text(locale, `transaction.status.${status}`);
    const where = [labels['merchant_id'], labels['acquirer'], labels['auth_code'], said].filter((one) => one !== undefined).join(', ');
    const type = ANOMALY_TYPES.find((one) => one === labels['type']);
    const title = type === undefined ? name : text(locale, `anomaly.type.${type}`);
    lines.push(text(locale, isFiring ? 'silence.hidden_firing' : 'silence.hidden', { what: where === '' ? title : `${title} (${where})` }));
  }
  if (count > named.length) lines.push(text(locale, 'silence.hidden_more', { n: count - named.length }));
  return lines.join('\n');
}
