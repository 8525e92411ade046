import type { MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../../database.ts';
import { createFilter } from '../filter.ts';

/** Which scores: nodes by canonical key ('fleet', 'status:denied', ...), minutes in [from, to), epoch milliseconds. */
export interface ScoreFilter {
  readonly node?: string | readonly string[];
  readonly from?: number;
  readonly to?: number;
  /** Default 10 000; the newest are kept. */
  readonly limit?: number;
}

/** Columns of a score, in the shape of the contract. */
const SCORE_COLUMNS = 'minute, revision, node, observed, expected, low, high, z_score, ml_score, score, state';

/** Lists minute scores, oldest first. */
export async function listScores(sql: Sql, wanted: ScoreFilter = {}): Promise<MinuteScore[]> {
  const filter = createFilter();
  filter.equals('node', wanted.node);
  if (wanted.from !== undefined) filter.add('minute >= ?::bigint', wanted.from);
  if (wanted.to !== undefined) filter.add('minute < ?::bigint', wanted.to);
  const limit = Math.max(1, Math.trunc(wanted.limit ?? 10_000));
  const rows = await sql.query<MinuteScore>(
    `select ${SCORE_COLUMNS} from minute_score ${filter.clause()} order by minute desc, node desc limit ${limit}`,
    filter.params,
  );
  return rows.reverse();
}
