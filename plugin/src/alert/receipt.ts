import type { Target } from '../settings.ts';
import type { ToldAlert } from '../state/ledger.ts';

export interface ReceiptReport {
  readonly messageId: string | null;
  /** Distinguishes what one message says of several notifications: the server takes each receipt of a message once. */
  readonly part?: string;
  readonly state: 'delivered' | 'failed';
  readonly error?: string;
  readonly notification: string;
}

/** Reports to the server what became of a message. Never fails: a server that is away, or knows no receipts, changes nothing. */
export type ReportReceipt = (target: Target, alerts: readonly ToldAlert[], receipt: ReceiptReport) => Promise<void>;
