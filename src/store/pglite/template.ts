import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/transaction-guardian/', import.meta.url));

/** The engine's own empty database as an uncompressed tar, kept beside the installed packages: it depends on nothing but the
 *  version of the engine, and to make it takes seconds. Undefined when it is not there. */
export async function readTemplate(folder = CACHE): Promise<Blob | undefined> {
  try {
    return new Blob([await readFile(await templateFile(folder))]);
  } catch {
    return undefined;
  }
}

/** Keeps a template for the next database. A folder that cannot be written is not missed. */
export async function keepTemplate(tar: Blob, folder = CACHE): Promise<void> {
  const file = await templateFile(folder);
  const partial = `${file}.${randomUUID()}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(partial, Buffer.from(await tar.arrayBuffer()));
    await rename(partial, file);
  } catch {
    await rm(partial, { force: true }).catch(() => undefined);
  }
}

/** Throws away a template that could not be loaded. */
export async function dropTemplate(folder = CACHE): Promise<void> {
  await rm(await templateFile(folder), { force: true }).catch(() => undefined);
}

/** Version of the engine's package. */
export async function packageVersion(): Promise<string> {
  const manifest = new URL('../package.json', import.meta.resolve('@electric-sql/pglite'));
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return version;
}

async function templateFile(folder: string): Promise<string> {
  return join(folder, `pglite-${await packageVersion()}.tar`);
}
