import type { CanaryEvent } from '@transaction-guardian/contracts/canary.ts';
import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { groupKeyFor } from '../alert/group.ts';
import { notificationId } from '../alert/message.ts';
import type { Sql } from '../store/database.ts';
import { queueNotice } from '../store/verbs/notification/notification-queue.ts';
import { readLastNotice } from '../store/verbs/proof/deliveries.ts';

/** The group of the pages of test transactions. */
export const CANARY_GROUP = groupKeyFor({ scope: 'canary' });

export interface CanaryOptions {
  readonly receivers: readonly string[];
  readonly everyMs: number;
  /** Language of a receiver. */
  readonly localeOf: (receiver: string) => Locale;
  readonly timeZone: string;
}

/** Puts a page into the queue of each receiver for a test transaction that came through ingestion, counting and detection at `now` (epoch
 *  milliseconds, wall clock). It goes the way of every message, is no alert, and is counted as no page. One for each interval, however
 *  many processes send test transactions; none for one so old that the log was read again. A page that has not arrived yet gives
 *  way. Throws STORE_UNAVAILABLE. */
export async function queueCanary(tx: Sql, options: CanaryOptions, { sent_at: sentAt }: CanaryEvent, now: number): Promise<void> {
  if (now - sentAt > 2 * options.everyMs) return;
  const at = new Date(sentAt).toISOString();
  const alertIn = (locale: Locale) => {
    const summary = text(locale, 'notify.canary', { at }, { timeZone: options.timeZone, nowMs: now });
    return {
      ...{ status: 'resolved' as const, severity: 'info' as const },
      fingerprint: notificationId('canary', CANARY_GROUP, 0, '').slice(3, 19),
      labels: { alertname: 'GuardianCanary', severity: 'info', type: 'canary', service: 'transaction-guardian' },
      annotations: { summary, message: summary, description: summary },
      ...{ starts_at: at, ends_at: at },
    };
  };
  for (const receiver of options.receivers) {
    const last = await readLastNotice(tx, receiver, CANARY_GROUP);
    if (last !== null && sentAt - last < options.everyMs / 2) continue;
    const id = notificationId(receiver, CANARY_GROUP, sentAt, 'canary');
    const message = {
      receiver,
      groupKey: CANARY_GROUP,
      firing: [],
      resolved: [alertIn(options.localeOf(receiver))],
      missed: [],
      externalUrl: '',
    };
    const about = { receiver, groupKey: CANARY_GROUP, status: 'resolved' as const, severity: 'info' as const };
    await queueNotice(tx, { id, ...about, contentHash: id, message, createdAt: now });
  }
}
