import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { branchOf } from './branch.ts';
import type { RuleProblem } from './config-problem.ts';

/** What the walk needs to know of a JSON schema. */
interface Node {
  readonly secret?: true | 'url';
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

export interface ReferenceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly cwd: string;
}

/** Replaces each secret of a value that is written as `{ file: path }` or `{ env: NAME }` by what stands there, without the line break
 *  at its end. What cannot be read is a problem that names the place and never the secret. */
export function resolveSecrets(
  schema: Node,
  value: unknown,
  sources: ReferenceSources,
): { readonly value: unknown; readonly problems: RuleProblem[] } {
  const problems: RuleProblem[] = [];
  const walk = (node: Node | undefined, part: unknown, place: string): unknown => {
    if (node === undefined || typeof part !== 'object' || part === null) return part;
    if (node.secret !== undefined) {
      const read = readReference(part, sources);
      if (read === null) return part;
      if (typeof read === 'string') return read;
      problems.push({ ...read, ...(place === '' ? {} : { place }) });
      return part;
    }
    if (Array.isArray(part)) {
      return part.map((item: unknown, index) =>
        walk(node.items === undefined ? undefined : branchOf(node.items, item), item, `${place}[${index}]`),
      );
    }
    const entries = Object.entries(part).map(([key, child]) => [
      key,
      walk(node.properties?.[key], child, place === '' ? key : `${place}.${key}`),
    ]);
    return Object.fromEntries(entries);
  };
  const resolved = walk(schema, value, '');
  return { value: resolved, problems };
}

/** The text behind a reference, or why there is none; null for what is no reference. */
function readReference(part: object, { env, cwd }: ReferenceSources): string | RuleProblem | null {
  const [entry, ...more] = Object.entries(part);
  if (entry === undefined || more.length > 0 || typeof entry[1] !== 'string') return null;
  const [how, where] = entry;
  if (how === 'env') return env[where] || { rule: 'secret_env', params: { name: where } };
  if (how !== 'file') return null;
  try {
    return readFileSync(resolve(cwd, where), 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    return { rule: 'file', params: { message: messageOf(error) } };
  }
}
