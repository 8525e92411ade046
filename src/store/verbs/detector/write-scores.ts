import type { MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { Sql } from '../../database.ts';

/** Largest value that a chart can do anything with; infinities are cut to it. */
const LARGEST = 1e15;

/** Stores minute scores, one row a node and minute; a lower revision never overwrites a higher one. */
export async function writeScores(tx: Sql, scores: readonly MinuteScore[]): Promise<void> {
  if (scores.length === 0) return;
  const last = new Map(scores.map((score) => [`${score.minute} ${score.node}`, score]));
  await tx.query(
    `insert into minute_score (node, minute, revision, observed, expected, low, high, z_score, ml_score, score, state)
     select node, minute, revision, observed, expected, low, high, z_score, ml_score, score, state
       from jsonb_to_recordset($1::jsonb) as x(
         node text, minute bigint, revision integer, observed float8, expected float8, low float8, high float8,
         z_score float8, ml_score float8, score float8, state text)
     on conflict (node, minute) do update set
       revision = excluded.revision, observed = excluded.observed, expected = excluded.expected, low = excluded.low,
       high = excluded.high, z_score = excluded.z_score, ml_score = excluded.ml_score, score = excluded.score,
       state = excluded.state
     where minute_score.revision <= excluded.revision`,
    [JSON.stringify([...last.values()], (_key, value: unknown) => (typeof value === 'number' ? finite(value) : value))],
  );
}

function finite(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(LARGEST, Math.max(-LARGEST, value));
}
