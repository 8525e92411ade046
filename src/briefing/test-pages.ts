import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { fingerprintOf } from '../alert/wire-labels.ts';
import type { Database } from '../store/database.ts';

/** Pages that a receiver took: one a minute before `until`, epoch milliseconds. */
export async function deliverPages(database: Database, { n, until, severity, merchant, receiver = 'pager' }: PagesOfTest): Promise<void> {
  const place = merchant === null ? {} : { merchant_id: merchant };
  const type = merchant === null ? 'zero_transactions' : 'low_volume';
  const name = merchant === null ? 'GuardianZeroTransactions' : 'GuardianLowVolume';
  const labels = { alertname: name, severity, type, ...place, service: 'transaction-guardian' };
  const message = { firing: [{ fingerprint: fingerprintOf(labels), labels }] };
  await database.query(
    `insert into notification (id, receiver, group_key, status, severity, content_hash, message, tells, state, next_attempt_at, created_at,
                               delivered_at, kind)
     select $1 || i, $2, 'g' || i, 'firing', $3, i::text, $4::jsonb, '{}', 'delivered', 0, 0, $5::bigint - i * 60000, 'alerts'
       from generate_series(1, $6::int) i`,
    [`${receiver}-${merchant ?? 'fleet'}-${severity}-`, receiver, severity, JSON.stringify(message), until, n],
  );
}

interface PagesOfTest {
  readonly n: number;
  readonly until: number;
  readonly severity: Severity;
  /** Null: of all traffic. */
  readonly merchant: string | null;
  readonly receiver?: string;
}
