import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Message } from '@transaction-guardian/contracts/message.ts';
import type { Sql } from '../../database.ts';
import { createFilter } from '../filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from '../page.ts';

/** `pending`: to be sent or retried; `delivered`: answered 2xx; `failed`: refused, by earlier releases;
 *  `dropped`: the receiver left the configuration, or nothing was left to say. */
export type NotificationState = 'pending' | 'delivered' | 'failed' | 'dropped';

/** One message to one receiver. Times are epoch milliseconds, wall clock. */
export interface NotificationRow {
  readonly id: string;
  readonly receiver: string;
  readonly group_key: string;
  readonly status: 'firing' | 'resolved';
  readonly severity: Severity;
  readonly content_hash: string;
  readonly message: Message;
  readonly state: NotificationState;
  readonly attempts: number;
  readonly next_attempt_at: number | null;
  readonly created_at: number;
  readonly delivered_at: number | null;
  readonly last_error: string | null;
  readonly channel: string | null;
  readonly recipient: string | null;
  readonly provider_message_id: string | null;
  /** When it is proven to have arrived; null while nothing proves it. */
  readonly received_at: number | null;
  readonly read_at: number | null;
  /** When it was passed on, for want of proof. */
  readonly overdue_at: number | null;
}

export interface NotificationFilter {
  readonly receiver?: string;
  readonly state?: NotificationState | readonly NotificationState[];
  readonly groupKey?: string;
  /** Put into the queue in [from, to), epoch milliseconds. */
  readonly from?: number;
  readonly to?: number;
}

const COLUMNS = `id, receiver, group_key, status, severity, content_hash, message, state, attempts, next_attempt_at,
  created_at, delivered_at, last_error, channel, recipient, provider_message_id, received_at, read_at, overdue_at`;

const TABLE: PagedTable<NotificationRow, NotificationRow> = {
  table: 'notification',
  columns: COLUMNS,
  time: 'created_at',
  key: 'id',
  item: (row) => row,
};

/** Lists notifications, those put into the queue last first. Throws INGEST_INVALID for an invalid cursor. */
export async function listNotifications(sql: Sql, wanted: NotificationFilter = {}, page: PageRequest = {}): Promise<Page<NotificationRow>> {
  const filter = createFilter();
  filter.equals('receiver', wanted.receiver);
  filter.equals('state', wanted.state);
  filter.equals('group_key', wanted.groupKey);
  if (wanted.from !== undefined) filter.add('created_at >= ?::bigint', wanted.from);
  if (wanted.to !== undefined) filter.add('created_at < ?::bigint', wanted.to);
  return readPage(sql, TABLE, filter, page);
}
