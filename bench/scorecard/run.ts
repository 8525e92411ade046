import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findDataFolder, STAMP } from './data-files.ts';
import { isReached, type Figure, type SectionOptions } from './figure.ts';
import { fallenBelow, raiseFloors, readFloors, writeFloors } from './floor.ts';
import { keepSection, keptSection, sectionSource } from './kept-section.ts';
import { markdownOf } from './markdown.ts';
import { simulatedFigures } from './quick-figures.ts';
import { makeInThread, SECTIONS, type MadeSection, type SectionName } from './section-worker.ts';

const ROOT = join(import.meta.dirname, '../..');

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

const machine = (): string =>
  `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;

/** Makes the sections, two at a time where there are two cores; speed is measured alone, at the end. */
async function makeAll(names: readonly SectionName[], options: SectionOptions, resume: boolean): Promise<MadeSection[]> {
  const made: MadeSection[] = [];
  const source = sectionSource(options);
  const make = async (name: SectionName): Promise<void> => {
    const kept = resume ? await keptSection(name, source) : null;
    const section = kept ?? (await makeInThread(name, options));
    if (kept === null) await keepSection(section, source);
    made.push(told(section));
  };
  // The longest ones first, so that no thread ends up with one of them alone.
  const order: readonly SectionName[] = [
    'ablation',
    'large',
    'null',
    'special',
    'first-day',
    'kpi',
    'warning',
    'menu',
    'forecast',
    'low-volume',
    'slow-burn',
    'pairs',
    'cloudwalk',
    'calibration',
    'series',
    'feedback',
    'nab',
  ];
  const queue = order.filter((name) => names.includes(name));
  const work = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) await make(name);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  if (names.includes('speed')) await make('speed');
  return made.toSorted((a, b) => SECTIONS.indexOf(a.name) - SECTIONS.indexOf(b.name));
}

function told(made: MadeSection): MadeSection {
  console.log(`${made.name}: ${made.section === null ? 'no data' : `${made.seconds} s`}`);
  return made;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      full: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      resume: { type: 'boolean', default: false },
      'update-floor': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const unknown = values.only.filter((name) => !(SECTIONS as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`There is no section ${unknown.join(', ')}; there are: ${SECTIONS.join(', ')}.`);
  const data = findDataFolder(positionals[0]);
  if (data === null && positionals[0] !== undefined)
    throw new Error(`Expected a folder with cloudwalk, mscloud or nab in it or in its data; got ${positionals[0]}.`);
  const state = commit();
  const started = performance.now();
  const names = SECTIONS.filter((name) => values.only.length === 0 || values.only.includes(name));
  const made = await makeAll(names, { data, full: values.full }, values.resume);
  const sections = made.flatMap(({ section }) => (section === null ? [] : [section]));
  const figures = sections.flatMap((section) => section.figures);
  // Larger studies are other figures: the floors are of the default ones.
  const floors = readFloors();
  const fallen = values.full ? [] : fallenBelow(figures, floors);
  if (values['update-floor'] && !values.full) {
    const quick = simulatedFigures();
    writeFloors(raiseFloors([...figures, ...quick], floors));
  }
  const head = {
    command: `npm run scorecard${values.full ? ' -- --full' : ''}`,
    at: new Date().toISOString(),
    machine: machine(),
    stamp: `commit ${state}, detector ${STAMP.detector}, model ${STAMP.model}, configuration ${STAMP.configuration}`,
    seconds: Math.round((performance.now() - started) / 1000),
    missing: made.filter(({ section }) => section === null).map(({ name }) => name),
    fallen,
  };
  await write({ ...head, sections }, values.only.length === 0 ? markdownOf(head, sections) : null);
  report(figures, fallen);
  return fallen.length > 0 ? 1 : 0;
}

async function write(json: object, document: string | null): Promise<void> {
  const folder = join(ROOT, 'bench/results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'scorecard.json'), `${JSON.stringify(json, null, 2)}\n`);
  if (document !== null) await writeFile(join(ROOT, 'docs/scorecard.md'), document);
  console.log(`\nWritten to bench/results/scorecard.json${document === null ? '' : ' and docs/scorecard.md'}`);
}

function report(figures: readonly Figure[], fallen: readonly string[]): void {
  for (const { id, value, unit, goal, ...rest } of figures) {
    const mark = goal === undefined ? '     ' : isReached({ id, value, unit, goal, ...rest }) ? 'ok   ' : 'MISS ';
    console.log(
      `${mark}${id.padEnd(34)} ${String(Math.round(value * 1e4) / 1e4).padStart(10)} ${unit}${goal === undefined ? '' : ` (goal ${goal})`}`,
    );
  }
  if (fallen.length > 0) console.log(`\nBelow the committed best:\n${fallen.join('\n')}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
