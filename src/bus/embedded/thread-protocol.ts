import type { AppendRequest, MaintenanceReport, RetentionFloor } from './writer.ts';

/** What the bus sends to its writer thread. The memory of the blocks is transferred, not copied. */
export type WriterCommand =
  | { readonly kind: 'append'; readonly id: number; readonly request: AppendRequest }
  | { readonly kind: 'maintain'; readonly id: number; readonly nowMs: number; readonly floor: RetentionFloor }
  | { readonly kind: 'close' };

/** An error of ours on its way between threads (error classes do not survive it). */
export interface SentError {
  readonly message: string;
  readonly retryable: boolean;
}

/** What the writer thread answers, once for each append and maintain. */
export type WriterReply =
  | { readonly kind: 'appended'; readonly id: number; readonly offsets: readonly number[] }
  | { readonly kind: 'maintained'; readonly id: number; readonly report: MaintenanceReport }
  | { readonly kind: 'failed'; readonly id: number; readonly error: SentError };
