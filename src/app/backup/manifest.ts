import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { GuardianError, messageOf } from '../../errors.ts';

/** Format of backups; 1 is the first. */
export const FORMAT = 1;
export const MANIFEST = 'manifest.json';

const SCHEMA = Type.Object({
  format: Type.Literal(FORMAT),
  program: Type.String(),
  /** Package version of the embedded database; null where the database is on a server. */
  database: Type.Union([Type.String(), Type.Null()]),
  /** Names of the migrations that the program knew. */
  migrations: Type.Array(Type.String()),
  taken_at: Type.String(),
  /** Records of `guardian.transactions` that the backup holds or held before their retention, by partition: the next offset. */
  accepted: Type.Record(Type.String(), Type.Integer()),
  folders: Type.Array(Type.String()),
  files: Type.Array(Type.Object({ path: Type.String(), bytes: Type.Integer(), sha256: Type.String() })),
});

/** No path of a backup leaves it. */
const PARENTS: ReadonlySet<string> = new Set(['', '.', '..']);

/** What a backup is and holds. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly program: string;
  readonly database: string | null;
  readonly migrations: readonly string[];
  readonly taken_at: string;
  readonly accepted: Readonly<Record<string, number>>;
  /** Below the backup, parents first; the database engine wants its empty ones too. */
  readonly folders: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** Reads the manifest of a backup. Throws BACKUP_INVALID (`not_one`, `other_format`). */
export async function readManifest(root: string): Promise<Manifest> {
  let read: unknown;
  try {
    read = JSON.parse(await readFile(join(root, MANIFEST), 'utf8'));
  } catch (error) {
    throw invalid('not_one', { path: root, message: messageOf(error) }, `${root} is not a backup: ${messageOf(error)}`);
  }
  if (Check(SCHEMA, read)) {
    const strange = [...read.folders, ...read.files.map((file) => file.path)].find((path) =>
      path.split('/').some((part) => PARENTS.has(part)),
    );
    if (strange === undefined) return read;
    throw invalid('damaged', { path: strange }, `The backup is damaged: its manifest names ${strange}.`);
  }
  const format = typeof read === 'object' && read !== null && 'format' in read ? String(read.format) : '?';
  throw invalid('other_format', { path: root, format }, `The backup ${root} has format ${format}, this program reads format ${FORMAT}.`);
}

/** Makes everything below `root` durable and lists it in order of the paths: files with sizes and SHA-256. */
export async function sealFiles(root: string): Promise<Pick<Manifest, 'files' | 'folders'>> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const files: Manifest['files'][number][] = [];
  const folders: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(root, path).split(sep).join('/');
    await sync(path);
    if (entry.isFile()) files.push({ path: name, bytes: (await stat(path)).size, sha256: await hashOf(path) });
    else folders.push(name);
  }
  await sync(root);
  return { files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), folders: folders.toSorted() };
}

/** Waits until a file or directory is on the disk. */
export async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** SHA-256 of a file, hexadecimal. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Why a backup cannot be used. */
export function invalid(rule: string, params: Readonly<Record<string, string | number>>, message: string): GuardianError {
  return new GuardianError('BACKUP_INVALID', message, { rule: `backup_${rule}`, params });
}
