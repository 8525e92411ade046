import { writeFileSync } from 'node:fs';
import type { Database, Param } from '../../src/store/database.ts';

interface Asked {
  readonly text: string;
  readonly params: readonly Param[];
}

/** What the server itself takes for a question, and how. */
export interface Planned {
  readonly statements: number;
  /** Milliseconds, of all statements together. */
  readonly serverMs: number;
}

/** Notes the statements of questions, and asks the server for the plan of each, once. */
export interface Plans {
  /** The database to ask the questions of. */
  readonly watched: Database;
  begin(title: string): void;
  end(): Promise<Planned>;
  /** Writes a section for each question, with the plan of its slowest statement. */
  write(path: string, about: string): void;
}

export function createPlans(database: Database): Plans {
  const sections: string[] = [];
  let asked = new Map<string, Asked>();
  let title = '';
  const watched: Database = {
    ...database,
    query: (text, params = []) => {
      // The last one of each: the caches of the server are warm by then.
      asked.set(text, { text, params });
      return database.query(text, params);
    },
  };
  const planOf = async ({ text, params }: Asked) => {
    const rows = await database.query<{ 'QUERY PLAN': string }>(`explain (analyze, buffers, costs off, timing off) ${text}`, params);
    const lines = rows.map((line) => line['QUERY PLAN']);
    return { text, lines, ms: Number(/^Execution Time: ([\d.]+) ms/.exec(lines.at(-1) ?? '')?.[1]) };
  };
  return {
    watched,
    begin(name) {
      title = name;
      asked = new Map();
    },
    async end() {
      const plans: Awaited<ReturnType<typeof planOf>>[] = [];
      for (const one of asked.values()) plans.push(await planOf(one));
      const serverMs = plans.reduce((sum, { ms }) => sum + ms, 0);
      const [slowest] = plans.toSorted((a, b) => b.ms - a.ms);
      if (slowest === undefined) throw new Error(`${title}: asked nothing`);
      const many = plans.length === 1 ? `1 statement, ${serverMs.toFixed(2)} ms` : `${plans.length} statements, ${serverMs.toFixed(2)} ms`;
      const which = plans.length === 1 ? 'its plan' : 'the slowest';
      sections.push(
        `### ${title}\n\n${many} in the server; ${which}:\n\n\`\`\`sql\n${slowest.text.trim()}\n\`\`\`\n\n\`\`\`\n${slowest.lines.join('\n')}\n\`\`\`\n`,
      );
      return { statements: plans.length, serverMs };
    },
    write(path, about) {
      writeFileSync(path, `${about}\n\n${sections.join('\n')}`);
      console.log(`plans: ${path}`);
    },
  };
}
