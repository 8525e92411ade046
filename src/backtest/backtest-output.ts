import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';

/** One output row. `score`: 1.0 is the threshold at which an anomaly opens, for every status alike. */
export interface BacktestOutput {
  /** ISO 8601, without a zone: `2025-07-12 13:45:00`, as the file has it where it names no zone, else UTC. */
  readonly timestamp: string;
  readonly score: number;
  readonly z: number;
  readonly decision: 0 | 1;
  readonly status: string;
  readonly reason: string;
  /** Of what is decided, the worst. Values have none. */
  readonly severity?: Severity;
  /** Where the decision names them: the merchants and acquirers at fault, with a space between. */
  readonly merchant_id: string;
  readonly acquirer: string;
}
