import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Sql } from '../../store/database.ts';
import { queueNotice } from '../../store/verbs/notification/notification-queue.ts';
import { readHits } from '../../store/verbs/silence/silence-hits.ts';
import { readOpenSilences, writeSilence, type SilenceRow } from '../../store/verbs/silence/silences.ts';
import { notificationId, messageStatus } from '../message.ts';
import { noticeOf, type Hidden, type NoticeOptions } from './notice.ts';

/** A receiver that may be notified of silences. */
export interface NoticeReceiver {
  readonly name: string;
  readonly severities?: readonly Severity[] | undefined;
  readonly silence_notices: boolean;
  readonly language?: Locale | undefined;
  /** Equal for receivers that are one conversation, which gets one notice; default: each is its own. */
  readonly target?: string;
}

export interface AnnounceOptions extends NoticeOptions {
  readonly receivers: readonly NoticeReceiver[];
}

/** Hidden alerts that are read for a notice. */
const HIDDEN_MOST = 100;

/** Puts notices into the queue about silences that came into force or went out of it at `now` (epoch milliseconds), and notes that
 *  they did, in one transaction: each is announced once. A silence that began and ended unseen is announced only if it suppressed something. */
export async function announceSilences(tx: Sql, options: AnnounceOptions, now: number): Promise<void> {
  for (const silence of await readOpenSilences(tx, now)) {
    const isOver = silence.endsAt <= now;
    if (!isOver && silence.beganAt !== null) continue;
    const noted = { ...silence, beganAt: silence.beganAt ?? now, endedAt: isOver ? now : null };
    await writeSilence(tx, noted);
    const hid = isOver ? ((await readHits(tx, [silence.id], HIDDEN_MOST)).get(silence.id) ?? { hidden: [], count: 0 }) : null;
    if (hid !== null && silence.beganAt === null && hid.count === 0) continue;
    await queue(tx, options, { silence: noted, hid, now });
  }
}

async function queue(
  tx: Sql,
  options: AnnounceOptions,
  { silence, hid, now }: { readonly silence: SilenceRow; readonly hid: Hidden | null; readonly now: number },
): Promise<void> {
  const concerned = options.receivers.filter((one) => isConcerned(one, silence));
  for (const [receiver] of Map.groupBy(concerned, ({ name, target }) => target ?? name).values()) {
    if (receiver === undefined) continue;
    const message = noticeOf(receiver.name, silence, hid, { ...options, locale: receiver.language ?? options.locale });
    const status = messageStatus(message);
    const id = notificationId(receiver.name, message.groupKey, silence.startsAt, status);
    const { groupKey } = message;
    await queueNotice(tx, {
      id,
      receiver: receiver.name,
      groupKey,
      status,
      severity: 'info',
      contentHash: status,
      message,
      createdAt: now,
    });
  }
}

/** Whether a silence can hide something from a receiver. */
function isConcerned({ severities, silence_notices: isWanted }: NoticeReceiver, { maxSeverity }: SilenceRow): boolean {
  const hidden = new Set<Severity>(SEVERITIES.slice(SEVERITIES.indexOf(maxSeverity)));
  return isWanted && (severities === undefined || severities.some((one) => hidden.has(one)));
}
