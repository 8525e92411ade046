import type { Locale } from '@transaction-guardian/contracts/text/text.ts';

/** What the watch over deliveries needs to know of receivers and of times. Milliseconds. */
export interface ProofOptions {
  /** The configured receivers: the second channel of each, and whether it wants to hear of ends. */
  readonly receivers: ReadonlyMap<string, { readonly backup?: string | undefined; readonly send_resolved: boolean }>;
  readonly timeoutMs: number;
  /** After so long the first receiver is notified again of an alert that still fires. */
  readonly repeatIntervalMs: number;
  readonly locale: Locale;
  /** When this process began to look. */
  readonly since: number;
}
