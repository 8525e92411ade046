import { createHash } from 'node:crypto';

/** Statements that a connection keeps prepared: ours are some hundreds of fixed texts. */
const MOST = 1000;

/** Names under which connections keep statements prepared. */
export interface StatementNames {
  /** The name of a statement; undefined for one that is not kept prepared, as a text that is made for one occasion. */
  of(text: string): string | undefined;
}

/** Gives the same text the same name, in every process: a server behind a pool of connections may keep it for several of them. */
export function createStatementNames(): StatementNames {
  const names = new Map<string, string>();
  return {
    of(text) {
      const known = names.get(text);
      if (known !== undefined || names.size >= MOST) return known;
      const name = `g_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
      names.set(text, name);
      return name;
    },
  };
}
