import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { GuardianError } from '../../errors.ts';
import { FOLDERS, readMigrations } from '../../store/migration-files.ts';
import { embeddedVersion } from '../engines.ts';
import { hashOf, invalid, readManifest, sync, type Manifest } from './manifest.ts';

/** Copies a backup to a data directory that is not there or empty, after a look at each file: it is there whole, or not at all. Throws
 *  BACKUP_TARGET, BACKUP_INVALID, and what the disk says. */
export async function restoreBackup({ from, to }: { readonly from: string; readonly to: string }): Promise<Manifest> {
  const root = resolve(to);
  await refuseFull(root);
  const backup = resolve(from);
  const manifest = await readManifest(backup);
  await refuseForeign(manifest);
  const partial = `${root}.restoring`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    for (const folder of manifest.folders) await mkdir(join(partial, folder), { recursive: true, mode: 0o700 });
    for (const file of manifest.files) await copyChecked(backup, partial, file);
    for (const folder of ['', ...manifest.folders]) await sync(join(partial, folder));
    if (existsSync(root)) await rmdir(root);
    await rename(partial, root);
    await sync(dirname(root));
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return manifest;
}

async function refuseFull(root: string): Promise<void> {
  if (!existsSync(root) || (await readdir(root)).length === 0) return;
  const message = `${root} is not empty: restore into a new directory.`;
  throw new GuardianError('BACKUP_TARGET', message, { rule: 'backup_not_empty', params: { path: root } });
}

/** A start would quarantine a database of another engine, and refuse that of a newer program: better nothing is restored. */
async function refuseForeign({ program, database, migrations }: Manifest): Promise<void> {
  const known = new Set((await readMigrations(FOLDERS)).map(({ name }) => name));
  const unknown = migrations.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    const message = `The backup was made by the newer program ${program}: restore it with that one.`;
    throw invalid('newer', { program }, message);
  }
  const here = await embeddedVersion();
  if (database === null || seriesOf(database) === seriesOf(here)) return;
  throw invalid(
    'engine',
    { program, there: database, here },
    `The backup holds a database of PGlite ${database}, this program has ${here}.`,
  );
}

/** Versions of one series open each other's files. */
function seriesOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

async function copyChecked(backup: string, partial: string, { path, bytes, sha256 }: Manifest['files'][number]): Promise<void> {
  const damaged = (message: string): GuardianError => invalid('damaged', { path }, `The backup is damaged: ${path} ${message}.`);
  const target = join(partial, path);
  try {
    await copyFile(join(backup, path), target);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw damaged('is missing');
    throw error;
  }
  await chmod(target, 0o600);
  // The copy is what will be used.
  if ((await hashOf(target)) !== sha256) throw damaged(`is not what was backed up (${bytes} bytes)`);
  await sync(target);
}
