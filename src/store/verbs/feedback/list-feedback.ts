import type { FeedbackNotice, JudgedAnomaly } from '@transaction-guardian/contracts/feedback.ts';
import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import type { Sql } from '../../database.ts';
import { createFilter, type Filter } from '../filter.ts';
import { readPage, type Page, type PagedTable, type PageRequest } from '../page.ts';

/** A stored verdict. Times are epoch milliseconds. */
export interface FeedbackRow {
  readonly number: number;
  readonly anomaly_id: string;
  readonly given_by: string;
  readonly verdict: Verdict;
  readonly comment: string | null;
  readonly node: string;
  readonly anomaly: JudgedAnomaly;
  readonly given_at: number;
  readonly minute: number;
  readonly ended_number: number | null;
  readonly ended_how: FeedbackNotice['how'];
  readonly ended_by: string | null;
  readonly ended_at: number | null;
  readonly ended_minute: number | null;
}

/** Which verdicts; an absent field means all. */
export interface FeedbackFilter {
  readonly anomalyId?: string;
  readonly by?: string;
  /** Key of the judged node, or of the group of series whose bar moves. */
  readonly node?: string;
  readonly inForce?: boolean;
}

const COLUMNS = `number, anomaly_id, given_by, verdict, comment, node, anomaly, given_at, minute,
  ended_number, ended_how, ended_by, ended_at, ended_minute`;

const TABLE: PagedTable<FeedbackRow, FeedbackRow> = {
  table: 'feedback',
  columns: COLUMNS,
  time: 'number',
  key: 'anomaly_id',
  item: (row) => row,
};

function whereFeedback(wanted: FeedbackFilter): Filter {
  const filter = createFilter();
  filter.equals('anomaly_id', wanted.anomalyId);
  filter.equals('given_by', wanted.by);
  if (wanted.node !== undefined) filter.add('(node = ? or node_group = ?)', wanted.node, wanted.node);
  if (wanted.inForce !== undefined) filter.add(wanted.inForce ? 'ended_number is null' : 'ended_number is not null');
  return filter;
}

/** Lists verdicts, the newest first. Throws INGEST_INVALID for an invalid cursor. */
export async function listFeedback(sql: Sql, wanted: FeedbackFilter = {}, page: PageRequest = {}): Promise<Page<FeedbackRow>> {
  return readPage(sql, TABLE, whereFeedback(wanted), page);
}

/** Numbers of all verdicts in force that match, in order. */
export async function findFeedbackInForce(sql: Sql, wanted: FeedbackFilter): Promise<number[]> {
  const filter = whereFeedback({ ...wanted, inForce: true });
  const rows = await sql.query<{ number: number }>(`select number from feedback ${filter.clause()} order by number`, filter.params);
  return rows.map(({ number }) => number);
}

/** Everything that was ever said and is kept, as the notices that went out, in order; at most the newest 5 000 verdicts. */
export async function readFeedbackNotices(sql: Sql): Promise<FeedbackNotice[]> {
  const rows = await sql.query<FeedbackRow>(`select ${COLUMNS} from feedback order by number desc limit 5000`);
  const notices = new Map<number, FeedbackNotice>();
  for (const row of rows) {
    const { verdict, comment, anomaly } = row;
    const ends: readonly number[] = notices.get(row.number)?.ends ?? [];
    const how = notices.get(row.number)?.how ?? null;
    const place = { v: 1, kind: 'feedback', number: row.number, minute: row.minute, at: row.given_at, by: row.given_by } as const;
    notices.set(row.number, { ...place, ends, how, given: { verdict, comment, anomaly } });
    addEnding(notices, row);
  }
  return [...notices.values()].sort((a, b) => a.number - b.number);
}

function addEnding(notices: Map<number, FeedbackNotice>, row: FeedbackRow): void {
  const { ended_number: number, ended_at: at, ended_minute: minute, ended_by: by, ended_how: how } = row;
  if (number === null || at === null || minute === null || by === null) return;
  const before = notices.get(number) ?? { v: 1, kind: 'feedback', number, minute, at, by, ends: [], how, given: null };
  notices.set(number, { ...before, how, ends: [row.number, ...before.ends] });
}
