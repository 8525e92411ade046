import type { AlertEvent } from '@transaction-guardian/contracts/alert.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import type { AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import type { FeedbackMark, FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { StreamEvents } from '@transaction-guardian/contracts/read.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { WindowMessage } from '@transaction-guardian/contracts/window.ts';
import type { BusRecord } from '../../bus/bus.ts';
import { countCellsByStatus } from '../../topic/window-message.ts';
import { viewAnomaly } from '../anomaly-view.ts';
import type { StreamEntry, StreamTopic } from './stream-ring.ts';

/** A record of the bus as an event of the stream; null for the program's own test transactions. Throws SyntaxError for a record that is not JSON. */
export function toStreamEntry(
  topic: StreamTopic,
  record: BusRecord,
  timeZone: string,
  nameOf: (id: string) => string = (id) => id,
): StreamEntry | null {
  const value: unknown = JSON.parse(Buffer.from(record.value).toString('utf8'));
  if (isCanary(value)) return null;
  switch (topic) {
    case 'windows': {
      if (isNotice(value)) {
        const text = JSON.stringify(markOf(value, nameOf));
        return { topic, offset: record.offset, event: 'feedback', data: () => text, minute: null };
      }
      const window = value as WindowMessage;
      const text = JSON.stringify(compactWindow(window));
      return { topic, offset: record.offset, event: 'window', data: () => text, minute: window.minute };
    }
    case 'anomalies': {
      const { anomaly } = value as AnomalyEvent;
      return {
        topic,
        offset: record.offset,
        event: 'anomaly',
        data: once((locale) => JSON.stringify(viewAnomaly(anomaly, locale, timeZone))),
        minute: null,
      };
    }
    case 'alerts': {
      const { alert, translations, state } = value as AlertEvent;
      const data = once((locale) => JSON.stringify({ ...(translations?.[locale] ?? alert), ...NO_STATE, ...state }));
      return { topic, offset: record.offset, event: 'alert', data, minute: null };
    }
  }
}

const isCanary = (value: unknown): boolean => {
  const { kind, event } = value as { readonly kind?: unknown; readonly event?: unknown };
  return kind === 'canary' || event === 'canary';
};
const isNotice = (value: unknown): value is FeedbackNotice => (value as { readonly kind?: unknown }).kind === 'feedback';

function markOf({ number, by, ends, given }: FeedbackNotice, nameOf: (id: string) => string): FeedbackMark {
  return {
    ends,
    given: given === null ? null : { number, anomaly_id: given.anomaly.id, verdict: given.verdict, by, by_name: nameOf(by) },
  };
}

/** A window without its cells; the band comes later, with `scores`. */
export function compactWindow({ minute, state, cells, revision, by_status }: WindowMessage): StreamEvents['window'] {
  const byStatus = by_status ?? countCellsByStatus(typeof cells === 'string' ? [] : cells);
  const total = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
  const unscored = { expected: null, expected_low: null, expected_high: null, ml_score: null, z_score: null };
  return { minute: new Date(minute).toISOString(), state, total, by_status: { ...byStatus }, ...unscored, revision };
}

function once(make: (locale: Locale) => string): (locale: Locale) => string {
  const made = new Map<Locale, string>();
  return (locale) => {
    let text = made.get(locale);
    if (text === undefined) made.set(locale, (text = make(locale)));
    return text;
  };
}
