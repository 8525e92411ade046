import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { GuardianError } from '../errors.ts';

/** A step of the schema. `name`: under which the database notes it. */
export interface Migration {
  readonly name: string;
  readonly checksum: string;
  readonly text: string;
  /** True for one that only a database with the TimescaleDB extension takes. */
  readonly needsTimescale: boolean;
}

/** Folders of numbered files. Those of `timescale` come after all of `plain`, and wait until the extension is there. */
export interface MigrationFolders {
  readonly plain: URL;
  readonly timescale?: URL;
}

/** Where the numbered files are. */
export const MIGRATIONS = new URL('./migrations/', import.meta.url);
export const FOLDERS: MigrationFolders = { plain: MIGRATIONS, timescale: new URL('./timescale/', import.meta.url) };

const FILE_NAME = /^\d{4}-[a-z0-9-]+\.sql$/;

/** Reads the migrations in the order in which they apply. Throws STORE_MIGRATION for an invalid name and a number that is used twice. */
export async function readMigrations({ plain, timescale }: MigrationFolders): Promise<readonly Migration[]> {
  const common = await readFolder(plain, '');
  return timescale !== undefined && existsSync(timescale) ? [...common, ...(await readFolder(timescale, 'timescale/'))] : common;
}

async function readFolder(folder: URL, prefix: '' | 'timescale/'): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const numbers = new Set<string>();
  return Promise.all(
    names.map(async (name) => {
      if (!FILE_NAME.test(name)) throw new GuardianError('STORE_MIGRATION', `${name} is not named like 0001-what-it-does.sql.`);
      const number = name.slice(0, 4);
      if (numbers.has(number)) throw new GuardianError('STORE_MIGRATION', `Number ${number} is used by two migrations.`);
      numbers.add(number);
      const text = await readFile(new URL(name, folder), 'utf8');
      const checksum = createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex');
      return { name: `${prefix}${name}`, text, checksum, needsTimescale: prefix !== '' };
    }),
  );
}
