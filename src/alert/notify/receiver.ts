import type { Severity } from '@transaction-guardian/contracts/anomaly.ts';

/** Somewhere to tell: a webhook that understands Alertmanager's payload, as configured. */
export interface Receiver {
  /** Unique. */
  readonly name: string;
  readonly url: string;
  /** Bearer token. */
  readonly token?: string | undefined;
  /** Only these; all when undefined. */
  readonly severities?: readonly Severity[] | undefined;
  readonly send_resolved: boolean;
}
