import type { Param } from '../database.ts';

/** Conditions of a WHERE clause and the values they bind. */
export interface Filter {
  /** Adds a condition; every `?` in it becomes the next `$n`, bound to the value at the same place. */
  add(condition: string, ...values: Param[]): void;
  /** Adds `column = value`, or `column = ANY(values)` for a list; nothing when `value` is undefined. */
  equals(column: string, value: string | readonly string[] | undefined): void;
  /** Binds a value outside a condition and returns its `$n`. */
  bind(value: Param): string;
  /** `WHERE ...`, or '' without a condition. */
  clause(): string;
  readonly params: readonly Param[];
}

/** Builds a WHERE clause whose values are always bound, never spliced into the text. Column names come from our code. */
export function createFilter(): Filter {
  const conditions: string[] = [];
  const params: Param[] = [];
  const bind = (value: Param): string => `$${params.push(value)}`;
  const add = (condition: string, ...values: Param[]): void => {
    let index = 0;
    conditions.push(condition.replaceAll('?', () => bind(values[index++] ?? null)));
  };
  return {
    add,
    bind,
    params,
    equals: (column, value) => {
      if (value === undefined) return;
      if (typeof value === 'string') add(`${column} = ?`, value);
      else add(`${column} = any(?::text[])`, value);
    },
    clause: () => (conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`),
  };
}
