import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Clock } from '../../clock.ts';
import { GuardianError } from '../../errors.ts';
import { holdSnapshot, type FileSnapshot } from '../../sqlite/file-snapshot.ts';
import { FOLDERS, readMigrations } from '../../store/migration-files.ts';
import type { DataDir } from '../data-dir.ts';
import { embeddedVersion } from '../engines.ts';
import { VERSION } from '../version.ts';
import { createDirectoryCopy } from './copy-directory.ts';
import { FORMAT, MANIFEST, sealFiles, sync, type Manifest } from './manifest.ts';

export interface BackupOptions {
  readonly dir: DataDir;
  /** Where the backup is made; must not be there. */
  readonly to: string;
  /** Whether the database is in the data directory; one on a server is left to its own tools. */
  readonly withDatabase: boolean;
  /** File of a model that the configuration names. */
  readonly model: string | undefined;
  readonly clock: Clock;
  /** Runs `work` while nobody commits to the database and all of it is in its files. */
  readonly still: (work: () => Promise<void>) => Promise<void>;
}

/** Small files of a data directory that belong to the installation and not to one run of it. Tokens, the secret and what only they
 *  give a meaning to stay where they are. */
const SMALL = /^(?:audit-kept\.ndjson|(?:losses|holidays|self-alerts(?:-[a-z]+)?)\.json)$/;
const SMALL_FOLDERS = ['audit-pending', 'replay'];
/** Of the engine's run, not of its data. */
const OF_THE_RUN = new Set(['postmaster.pid', 'postmaster.opts', 'pgsql_tmp']);

/** Copies a data directory that may be in use to a new place: the database as it is at one moment, and the log as it is at the same
 *  moment, which has every record that was accepted before the call. What changes most is copied while it changes, and once more, as far
 *  as it did, while the database is held. Throws BACKUP_TARGET, and what the disk says. */
export async function takeBackup(options: BackupOptions): Promise<Manifest> {
  const to = resolve(options.to);
  if (existsSync(to)) throw new GuardianError('BACKUP_TARGET', `${to} is there already.`, { rule: 'backup_exists', params: { path: to } });
  const partial = `${to}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, 'bus'), { recursive: true, mode: 0o700 });
  try {
    const accepted = await copyParts(options, partial);
    const manifest: Manifest = {
      format: FORMAT,
      program: VERSION,
      database: options.withDatabase ? await embeddedVersion() : null,
      migrations: (await readMigrations(FOLDERS)).map(({ name }) => name),
      taken_at: new Date(options.clock.now()).toISOString(),
      accepted,
      ...(await sealFiles(partial)),
    };
    await writeFile(join(partial, MANIFEST), JSON.stringify(manifest, null, 1), { mode: 0o600, flush: true });
    await rename(partial, to);
    await sync(dirname(to));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/** Copies everything to `partial`. Returns the next offsets of the log of transactions in it. */
async function copyParts({ dir, withDatabase, model, still }: BackupOptions, partial: string): Promise<Manifest['accepted']> {
  const database = createDirectoryCopy(dir.database, join(partial, 'database'), OF_THE_RUN);
  const hasDatabase = withDatabase && existsSync(dir.database);
  if (hasDatabase) await database.bringUp();
  const held: { readonly name: string; readonly snapshot: FileSnapshot }[] = [];
  try {
    await still(async () => {
      // The index first: the log may be ahead of it, never behind.
      for (const { name, path } of await sqliteFiles(dir)) held.push({ name, snapshot: holdSnapshot(path) });
      await copySmall(dir, partial);
      if (hasDatabase) await database.bringUp();
    });
    for (const { name, snapshot } of held) await snapshot.copyTo(join(partial, name));
    if (model !== undefined) await copyFile(model, join(partial, `model-${basename(model)}`));
    const transactions = held.find(({ name }) => name === `bus/${TOPICS.transactions}.sqlite`);
    const rows = transactions?.snapshot.rows('SELECT partition, next_offset FROM partitions ORDER BY partition') ?? [];
    return Object.fromEntries(rows.map((row) => [String(row['partition']), Number(row['next_offset'])]));
  } finally {
    for (const { snapshot } of held) snapshot.close();
  }
}

async function sqliteFiles(dir: DataDir): Promise<{ readonly name: string; readonly path: string }[]> {
  const index = existsSync(dir.rawIndex) ? [{ name: basename(dir.rawIndex), path: dir.rawIndex }] : [];
  const log = (await readdir(dir.bus)).filter((name) => name.endsWith('.sqlite'));
  return [...index, ...log.map((name) => ({ name: `bus/${name}`, path: join(dir.bus, name) }))];
}

async function copySmall(dir: DataDir, partial: string): Promise<void> {
  for (const name of await readdir(dir.root)) if (SMALL.test(name)) await copyFile(join(dir.root, name), join(partial, name));
  for (const name of SMALL_FOLDERS) {
    const from = join(dir.root, name);
    if (existsSync(from)) await createDirectoryCopy(from, join(partial, name), new Set()).bringUp();
  }
}
