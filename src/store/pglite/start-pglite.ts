import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pg_freespacemap as freeSpaceMap } from '@electric-sql/pglite/contrib/pg_freespacemap';
import { PGlite, types } from '@electric-sql/pglite';
import { GuardianError, messageOf } from '../../errors.ts';
import type { PgliteOptions } from './pglite-options.ts';
import { dropTemplate, keepTemplate, readTemplate } from './template.ts';

/** `int8` and `numeric` as numbers: our largest values (epoch milliseconds, counts, offsets) stay below 2^53. */
const PARSERS = {
  [types.INT8]: Number,
  [types.NUMERIC]: Number,
  [types.BYTEA]: (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), 'hex')),
};

/** Bytes go over as they are; the engine's own way writes them as hexadecimal text. */
const SERIALIZERS = { [types.BYTEA]: (bytes: unknown) => bytes as string };

/** No planner surprises and no compiler in WebAssembly. The memory is that of one connection: the engine's own default of
 *  128 MB of buffers is taken once and never given back, and the system keeps the pages of the files anyway. */
const SETTINGS = {
  jit: 'off',
  timezone: 'UTC',
  shared_buffers: '64MB',
  wal_buffers: '1MB',
  maintenance_work_mem: '16MB',
  max_connections: '4',
  plan_cache_mode: 'force_custom_plan',
};
const START_PARAMS = [...PGlite.defaultStartParams, ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])];

/** Compiles the engine ahead of its start, beside what the thread does meanwhile. */
export async function compileEngine(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(new URL('pglite.wasm', import.meta.resolve('@electric-sql/pglite'))));
}

/** Starts the engine. A new directory is made beside its place and moved there whole, so that a crash never leaves half a
 *  database. Throws STORE_CORRUPT, STORE_UNAVAILABLE. */
export async function startPglite(options: PgliteOptions): Promise<PGlite> {
  const started = options.clock.monotonic();
  const engine = 'memory' in options ? await start(undefined, options) : await startInDirectory(options.dir, options);
  options.log.debug({ ms: Math.round(options.clock.monotonic() - started) }, 'database open');
  return engine;
}

async function startInDirectory(dir: string, options: PgliteOptions): Promise<PGlite> {
  try {
    if (await isMissingOrEmpty(dir)) await makeDirectory(dir, options);
  } catch (error) {
    throw unavailable(dir, error);
  }
  if (!existsSync(`${dir}/PG_VERSION`)) {
    throw new GuardianError('STORE_CORRUPT', `${dir} holds files but no database: PG_VERSION is missing.`, { data: { dir } });
  }
  if (existsSync(damageNote(dir))) {
    throw new GuardianError('STORE_CORRUPT', `The database in ${dir} has damaged pages: ${await readFile(damageNote(dir), 'utf8')}`, {
      data: { dir },
    });
  }
  return start(dir, { log: options.log, engine: options.engine });
}

/** Notes beside the files that a damaged page was read, so that nobody opens them again as if nothing had happened. */
export function markDamaged(dir: string, reason: string): void {
  writeFileSync(damageNote(dir), reason);
}

function damageNote(dir: string): string {
  return `${dir}/guardian.damaged`;
}

async function makeDirectory(dir: string, options: PgliteOptions): Promise<void> {
  const fresh = `${dir}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(fresh), { recursive: true });
  const engine = options.template === undefined ? await startFresh(fresh, options) : await start(fresh, options);
  await engine.close();
  await rm(dir, { recursive: true, force: true });
  await rename(fresh, dir);
}

/** A new database in `dir`: a copy of the kept template, or from nothing, which then becomes the template. */
async function startFresh(dir: string, options: PgliteOptions): Promise<PGlite> {
  const template = await readTemplate(options.templateFolder);
  if (template !== undefined) {
    try {
      return await start(dir, { ...options, template });
    } catch (error) {
      options.log.warn({ err: error }, 'cached empty database is unusable: creating a new one');
      await dropTemplate(options.templateFolder);
      await rm(dir, { recursive: true, force: true });
    }
  }
  const engine = await start(dir, options);
  await keepTemplate(await engine.dumpDataDir('none'), options.templateFolder);
  return engine;
}

async function start(dir: string | undefined, options: Pick<PgliteOptions, 'log' | 'template' | 'engine'>): Promise<PGlite> {
  const compiled = await options.engine;
  const said: string[] = [];
  const onStderr = (line: string): boolean => {
    said.push(line);
    if (said.length > 20) said.shift();
    if (/WARNING|ERROR|FATAL|PANIC/.test(line)) options.log.warn({ line }, 'database engine');
    return true;
  };
  const engine = new PGlite({
    ...(dir === undefined ? {} : { dataDir: dir }),
    ...(compiled === undefined ? {} : { pgliteWasmModule: compiled }),
    ...(options.template === undefined ? {} : { loadDataDir: options.template }),
    relaxedDurability: true,
    parsers: PARSERS,
    serializers: SERIALIZERS,
    startParams: START_PARAMS,
    extensions: { pg_freespacemap: freeSpaceMap },
    onStderr,
    onStdout: () => true,
  });
  try {
    await engine.waitReady;
    return engine;
  } catch (error) {
    throw openError(dir, error, said);
  }
}

function openError(dir: string | undefined, cause: unknown, said: readonly string[]): GuardianError {
  const reason = said.findLast((line) => /FATAL|PANIC/.test(line)) ?? messageOf(cause);
  if (dir === undefined || /No space left|Permission denied|Read-only|Too many open/i.test(`${reason} ${messageOf(cause)}`)) {
    return unavailable(dir ?? 'memory', cause, reason);
  }
  return new GuardianError('STORE_CORRUPT', `The database in ${dir} cannot be opened: ${reason}`, { cause, data: { dir } });
}

function unavailable(dir: string, cause: unknown, reason = messageOf(cause)): GuardianError {
  return new GuardianError('STORE_UNAVAILABLE', `The database in ${dir} cannot be opened now: ${reason}`, {
    retryable: true,
    cause,
    data: { dir },
  });
}

async function isMissingOrEmpty(dir: string): Promise<boolean> {
  try {
    return (await readdir(dir)).length === 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true;
    throw error;
  }
}
