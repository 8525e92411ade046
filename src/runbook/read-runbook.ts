import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { messageOf } from '../errors.ts';
import { fileBreaches } from './file-rules.ts';
import { fieldName, type RuleBreach, type RunbookProblem } from './runbook-problem.ts';
import type { RunbookFile } from './runbook-schema.ts';
import { schemaBreaches } from './schema-breaches.ts';

/** A file that can run. */
export interface Runbook {
  readonly file: string;
  /** SHA-256 of the text of the file, in hex. */
  readonly hash: string;
  readonly content: RunbookFile;
}

/** What became of a file. `name`: by its file, also when it cannot be read. */
export interface ReadRunbook {
  readonly name: string;
  readonly file: string;
  readonly runbook: Runbook | undefined;
  readonly problems: readonly RunbookProblem[];
}

/** Largest file, characters. */
const MAX_LENGTH = 262_144;

/** Reads the text of a runbook file and checks all of it. Pure. */
export function readRunbook(file: string, source: string): ReadRunbook {
  const name = basename(file).replace(/\.ya?ml$/, '');
  const wrong = (problems: readonly RunbookProblem[]): ReadRunbook => ({ name, file, runbook: undefined, problems });
  if (!file.endsWith('.yaml')) return wrong([{ file, line: 1, field: '', rule: 'extension', params: {} }]);
  if (source.length > MAX_LENGTH) return wrong([{ file, line: 1, field: '', rule: 'file_size', params: { limit: MAX_LENGTH } }]);
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  if (document.errors.length > 0)
    return wrong(document.errors.map(({ message, linePos }) => yamlProblem(file, linePos?.[0].line ?? 1, message)));
  let content: unknown;
  try {
    content = document.toJS();
  } catch (error) {
    return wrong([yamlProblem(file, 1, messageOf(error))]);
  }
  const breaches = breachesOf(content, name);
  const problems = breaches.map((breach) => problemOf(file, breach, lineOf(document, lines, breach.path)));
  if (problems.length > 0) return wrong(problems.toSorted((a, b) => a.line - b.line));
  const hash = createHash('sha256').update(source).digest('hex');
  return { name, file, runbook: { file, hash, content: content as RunbookFile }, problems: [] };
}

function yamlProblem(file: string, line: number, message: string): RunbookProblem {
  return { file, line, field: '', rule: 'yaml', params: { message: message.split('\n')[0] ?? '' } };
}

/** A file whose shape is wrong is not looked into any further. */
function breachesOf(content: unknown, name: string): readonly RuleBreach[] {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return [{ path: [], rule: 'section' }];
  const shape = schemaBreaches(content);
  return shape.length > 0 ? shape : fileBreaches(content as RunbookFile, name);
}

function problemOf(file: string, { path, rule, params }: RuleBreach, line: number): RunbookProblem {
  return { file, line, field: fieldName(path), rule, params: params ?? {} };
}

/** The line of a field, or of the nearest one around it that the file has. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: RuleBreach['path']): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
    const node: unknown = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
