import { text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import type { Sql } from '../store/database.ts';
import { endBriefing, readOpenBriefings, type BriefingRow } from '../store/verbs/briefing/briefings.ts';
import { readReceiversOf } from '../store/verbs/notification/notification-queue.ts';
import { briefingGroup, briefingMessage, queueBriefing } from './briefing-message.ts';

export interface EndOptions {
  readonly timeZone: string;
  /** Language of a receiver. */
  readonly localeOf: (receiver: string) => Locale;
  /** Address of the console; '' for none. */
  readonly externalUrl: string;
}

/** A briefing that nobody accepts and that no other follows is over after so long. */
const OPEN_MOST_MS = 24 * 3_600_000;
/** A receiver that has not taken the briefing itself is waited for so long. */
const WAIT_MOST_MS = 48 * 3_600_000;

/** Notifies the receivers of briefings that are over, as an alert that resolves, once: accepted, followed by a later one, or a day
 *  old. Not before they have the briefing itself, which the later message of its group would replace. */
export async function endBriefings(tx: Sql, now: number, options: EndOptions): Promise<void> {
  const open = await readOpenBriefings(tx);
  const latest = Math.max(...open.map(({ due_at: due }) => due));
  for (const row of open) {
    const isOver = row.accepted_by !== null || row.due_at < latest || row.due_at + OPEN_MOST_MS <= now;
    if (isOver) await end(tx, row, now, options);
  }
}

async function end(tx: Sql, row: BriefingRow, now: number, { localeOf, timeZone, externalUrl }: EndOptions): Promise<void> {
  const receivers = await readReceiversOf(tx, briefingGroup(row.id));
  if (receivers.some(({ waits }) => waits) && row.due_at + WAIT_MOST_MS > now) return;
  const { id, shift, kind, due_at: at, accepted_by: by, accepted_at: acceptedAt } = row;
  const summaryIn = (locale: Locale): string =>
    by === null
      ? text(locale, 'briefing.ended', { shift })
      : text(locale, 'briefing.ended_accepted', { shift, name: shownName(by), at: acceptedAt ?? now }, { timeZone, nowMs: now });
  for (const { receiver, waits } of receivers) {
    if (waits) continue;
    const message = briefingMessage(
      receiver,
      { id, at, shift, kind },
      {
        ...{ summary: summaryIn(localeOf(receiver)), endedAt: acceptedAt ?? now, externalUrl },
      },
    );
    await queueBriefing(tx, `${receiver}-briefing-${id}-end`, message, now);
  }
  await endBriefing(tx, id, now);
}
