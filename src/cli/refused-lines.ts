import type { FieldError } from '@transaction-guardian/contracts/problem.ts';
import { toFieldErrors, type BrokenRule } from '../check/finding.ts';
import type { Cli } from './cli.ts';

/** A wrong line of a file: which fields break which rules. */
export interface RefusedLine {
  readonly line: number;
  readonly errors: readonly Pick<FieldError, 'field' | 'message'>[];
}

/** Lists wrong lines while a file is read. */
export interface RefusedLines {
  add(line: number, findings: readonly BrokenRule[]): void;
  /** The same for errors that are in words already. `file`: its name, where there are several. */
  addErrors(line: RefusedLine, file?: string): void;
  /** Says how many more there are than were listed; to be called at the end. */
  finish(): void;
  readonly count: number;
  readonly first: readonly RefusedLine[];
}

const SHOWN = 20;

/** Makes the list: the first lines go to standard error, the rest is counted. */
export function createRefusedLines(cli: Pick<Cli, 'say' | 'note' | 'locale'>): RefusedLines {
  const first: RefusedLine[] = [];
  let count = 0;

  function addErrors(line: RefusedLine, file?: string): void {
    if (count++ >= SHOWN) return;
    first.push(line);
    const reason = line.errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
    cli.note(cli.say('file.refused_line', { file: file === undefined ? '' : `${file}, `, line: String(line.line), reason }));
  }

  return {
    addErrors,
    add: (line, findings) => addErrors({ line, errors: count < SHOWN ? toFieldErrors(findings, cli.locale) : [] }),
    finish() {
      if (count > SHOWN) cli.note(cli.say('file.refused_more', { n: count - SHOWN }));
    },
    get count() {
      return count;
    },
    first,
  };
}
