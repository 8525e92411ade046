import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { groupKeyFor } from '../alert/group.ts';
import { notificationId } from '../alert/notify/message.ts';
import type { Database } from '../store/database.ts';
import { queueNotice } from '../store/verbs/notification/notification-queue.ts';
import { readLastNotice } from '../store/verbs/proof/deliveries.ts';

export interface CanaryOptions {
  readonly receivers: readonly string[];
  readonly everyMs: number;
  readonly locale: Locale;
  readonly timeZone: string;
  /** Whether what came in has been counted and judged: without that a page would prove too little. */
  readonly isJudged: () => Promise<boolean>;
}

const CANARY_GROUP = groupKeyFor({ scope: 'canary' });

/** Puts a test page into the queue of each receiver that is due for one at `now` (epoch milliseconds, wall clock): it goes the way of
 *  every message, is no alert, and is counted as no page. While the detector is not up to date none is sent, so that its absence shows
 *  that. One that has not arrived yet gives way. Throws STORE_UNAVAILABLE. */
export async function sendCanaries(database: Database, options: CanaryOptions, now: number): Promise<void> {
  const due: string[] = [];
  for (const receiver of options.receivers) {
    const last = await readLastNotice(database, receiver, CANARY_GROUP);
    if (last === null || now - last >= options.everyMs) due.push(receiver);
  }
  if (due.length === 0 || !(await options.isJudged())) return;
  await database.transaction(async (tx) => {
    for (const receiver of due) {
      const at = new Date(now).toISOString();
      const summary = text(options.locale, 'notify.canary', { at }, { timeZone: options.timeZone, nowMs: now });
      const alert = {
        ...{
          status: 'resolved' as const,
          severity: 'info' as const,
          fingerprint: notificationId('canary', CANARY_GROUP, 0, '').slice(3, 19),
        },
        labels: { alertname: 'GuardianCanary', severity: 'info', type: 'canary', service: 'transaction-guardian' },
        annotations: { summary, message: summary, description: summary },
        ...{ starts_at: at, ends_at: at },
      };
      const id = notificationId(receiver, CANARY_GROUP, now, 'canary');
      const message = { receiver, groupKey: CANARY_GROUP, firing: [], resolved: [alert], missed: [], externalUrl: '' };
      const about = { receiver, groupKey: CANARY_GROUP, status: 'resolved' as const, severity: 'info' as const };
      await queueNotice(tx, { id, ...about, contentHash: id, message, createdAt: now });
    }
  });
}
