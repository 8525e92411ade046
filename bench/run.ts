import { execFileSync } from 'node:child_process';
import { glob, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchContext, BenchResult } from './bench.ts';

/** What the figures were measured on. */
interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly system: string;
  readonly node: string;
  readonly commit: string;
}

/** The figures of one bench file. `load`: load average over one minute, before and after. */
interface Measured {
  readonly bench: string;
  readonly seconds: number;
  readonly load: readonly [before: number, after: number];
  readonly results: readonly BenchResult[];
  readonly error?: string;
}

function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    commit: commitOf(),
  };
}

function commitOf(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}

const load = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

async function measure(file: string, context: BenchContext): Promise<Measured> {
  const bench = basename(file, '.ts');
  const before = load();
  const started = performance.now();
  const done = (results: readonly BenchResult[], error?: string): Measured => {
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    return { bench, seconds, load: [before, load()], results, ...(error === undefined ? {} : { error }) };
  };
  try {
    const module = (await import(join(import.meta.dirname, file))) as Bench;
    return done(await module.run(context));
  } catch (error) {
    return done([], error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** Three significant digits, thousands apart. */
function show(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 3 - Math.ceil(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString('en', { minimumFractionDigits: 0, maximumFractionDigits: Math.min(digits, 6) });
}

function rowOf(bench: string, result: BenchResult): readonly string[] {
  const { reference, goal, details } = result;
  return [
    `${bench}: ${result.name}`,
    show(result.value),
    result.unit,
    reference === undefined ? '' : `${show(result.value / reference.value)} x ${reference.name} (${show(reference.value)})`,
    goal === undefined ? '' : `${result.better === 'higher' ? '>=' : '<='} ${show(goal)}`,
    Object.entries(details ?? {})
      .map(([key, value]) => `${key} ${typeof value === 'number' ? show(value) : value}`)
      .join(', '),
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

/** Those that take minutes, or need a server, run only when they are named. */
const LONG = new Set(['chat.ts', 'day.ts', 'footprint.ts', 'kafka.ts', 'live-series.ts', 'memory.ts', 'production.ts', 'store-queries.ts']);

async function benchFiles(wanted: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob('*.ts', { cwd: import.meta.dirname })) files.push(file);
  const benches = files.filter((file) => !['bench.ts', 'run.ts'].includes(file) && !file.endsWith('.test.ts')).toSorted();
  const missing = wanted.filter((name) => !benches.includes(`${name}.ts`));
  if (missing.length > 0)
    throw new Error(`There is no bench ${missing.join(', ')}; there are: ${benches.map((file) => basename(file, '.ts')).join(', ')}.`);
  return wanted.length === 0 ? benches.filter((file) => !LONG.has(file)) : wanted.map((name) => `${name}.ts`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rows: { type: 'string' },
      merchants: { type: 'string' },
      shards: { type: 'string' },
      seed: { type: 'string' },
      engines: { type: 'string' },
    },
    allowPositionals: true,
  });
  const sizes = Object.fromEntries(
    (['rows', 'merchants', 'shards'] as const).flatMap((name) => {
      const text = values[name];
      if (text === undefined) return [];
      if (!(Number(text) > 0)) throw new Error(`--${name} ${text}: expected a number above 0.`);
      return [[name, Number(text)]];
    }),
  );
  if (values.engines !== undefined && values.engines !== 'production')
    throw new Error(`--engines ${values.engines}: the only other engines are "production".`);
  const named = values.engines === 'production' ? ['production'] : positionals;
  const context: BenchContext = { quick: values.quick, ...sizes, ...(values.seed === undefined ? {} : { seed: values.seed }) };
  const machine = describeMachine();
  console.log(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB, ${machine.system}, Node ${machine.node}, ${machine.commit}\n`,
  );
  const measured: Measured[] = [];
  for (const file of await benchFiles(named)) {
    console.log(`${basename(file, '.ts')}...`);
    measured.push(await measure(file, context));
  }
  const rows = measured.flatMap(({ bench, results }) => results.map((result) => rowOf(bench, result)));
  console.log(`\n${table([['figure', 'value', 'unit', 'against', 'goal', 'details'], ...rows])}`);
  for (const {
    bench,
    seconds,
    load: [before, after],
    error,
  } of measured) {
    console.log(`\n${bench}: ${seconds} s, load ${before} -> ${after}${error === undefined ? '' : `\n${error}`}`);
  }
  const folder = join(import.meta.dirname, 'results');
  const at = new Date().toISOString();
  const path = join(folder, `${at.replaceAll(':', '-').slice(0, 19)}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, `${JSON.stringify({ at, quick: values.quick, machine, measured }, null, 2)}\n`);
  console.log(`\nWritten to ${path}`);
  return measured.some(({ error }) => error !== undefined) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
