/** A value that can be bound to a `$n` of a statement. Objects are bound as JSON text by the caller. */
export type Param = string | number | bigint | boolean | null | Uint8Array | Date | readonly (string | number | null)[];

/** Runs statements: the database itself, or one transaction of it. Rows come as objects; `int8` and `numeric` columns
 *  come as JavaScript numbers, `timestamptz` as Date, `jsonb` parsed, `bytea` as Uint8Array, in every engine. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(text: string, params?: readonly Param[]): Promise<Row[]>;
  /** Runs several statements without parameters. */
  exec(text: string): Promise<void>;
  /** Adds many rows at once, all or none. `into`: table and columns; `rows`: the text format of COPY, a line each. */
  copy(into: string, rows: string): Promise<void>;
}

/** The SQL database. Engines: `pglite` (embedded), `postgres`. One dialect: PostgreSQL.
 *  All methods throw STORE_UNAVAILABLE (retryable) when the database cannot be reached, STORE_CLOSED after close. */
export interface Database extends Sql {
  /** Commits when `work` resolves, rolls back when it throws. Not reentrant. */
  transaction<T>(work: (tx: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
