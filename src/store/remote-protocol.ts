import type { WireError } from '../wire/wire-error.ts';
import type { Param } from './database.ts';

/** What the calling side sends. `id` is chosen by it; `tx` is the id of the `begin` that opened the transaction. */
export type Request =
  | {
      readonly id: number;
      readonly kind: 'query' | 'exec';
      readonly tx?: number;
      readonly text: string;
      readonly params?: readonly Param[];
    }
  | { readonly id: number; readonly kind: 'copy'; readonly tx?: number; readonly text: string; readonly rows: string }
  | { readonly id: number; readonly kind: 'begin' }
  | { readonly id: number; readonly kind: 'commit' | 'rollback'; readonly tx: number };

/** What the serving side answers, once per request. */
export type Response = { readonly id: number; readonly rows?: readonly object[] } | { readonly id: number; readonly error: WireError };
