import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const PROGRAMS = ['contracts', 'plugin/src', 'src', 'web/src'];
const CONTRACTS = '@transaction-guardian/contracts/';
/** What only tests use may look at everything. */
const OF_TESTS = /\.test\.tsx?$|\.conformance\.ts$|-under-test\.ts$|\.d\.ts$|^(?:test|crash)-|\/(?:test|crash)-/;
/** Imports of types too, those that are made later, and the files of threads. */
const IMPORT = /(?:\bfrom |\bimport\(|\bimport |\bnew URL\()'([^']+)'/g;

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

async function filesOf(program: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, program), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !OF_TESTS.test(file) && !file.includes('node_modules/'));
}

async function readImports(): Promise<Graph> {
  const files = new Set((await Promise.all(PROGRAMS.map(filesOf))).flat());
  const graph = new Map<string, Set<string>>();
  for (const file of files) {
    const code = await readFile(join(ROOT, file), 'utf8');
    const targets = [...code.matchAll(IMPORT)].map(([, from = '']) =>
      from.startsWith(CONTRACTS) ? join('contracts', from.slice(CONTRACTS.length)) : normalize(join(dirname(file), from)),
    );
    graph.set(file, new Set(targets.filter((target) => target !== file && files.has(target))));
  }
  return graph;
}

/** The rooms of a folder: its files and its subfolders, with the imports between them. */
function roomsOf(graph: Graph, folder: string): Graph {
  const roomOf = (file: string): string | undefined => {
    const inside = folder === '' ? file : file.slice(folder.length + 1);
    return folder === '' || file.startsWith(`${folder}/`) ? inside.split('/')[0] : undefined;
  };
  const rooms = new Map<string, Set<string>>();
  for (const [file, targets] of graph) {
    const room = roomOf(file);
    if (room === undefined) continue;
    const into = rooms.get(room) ?? new Set();
    for (const target of targets) {
      const other = roomOf(target);
      if (other !== undefined && other !== room) into.add(other);
    }
    rooms.set(room, into);
  }
  return rooms;
}

/** What is left after taking away, again and again, what imports nothing that is left: circles, and what stands on them. */
function circlesIn(graph: Graph): string[] {
  const left = new Map([...graph].map(([name, targets]) => [name, new Set(targets)]));
  for (let shrunk = true; shrunk;) {
    shrunk = false;
    for (const [name, targets] of left) {
      if ([...targets].some((target) => left.has(target))) continue;
      left.delete(name);
      shrunk = true;
    }
  }
  return [...left].map(([name, targets]) => `${name} -> ${[...targets].filter((target) => left.has(target)).join(', ')}`);
}

const imports = await readImports();

test('no file imports itself over others, types included', () => {
  assert.ok(imports.size > 1000, `${imports.size} files were read`);
  assert.deepEqual(circlesIn(imports), []);
});

test('in every folder, files and subfolders stand on floors: no import runs back up', () => {
  const folders = new Set([...imports.keys()].flatMap((file) => file.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'))));
  const circles = [...folders].flatMap((folder) => {
    const found = circlesIn(roomsOf(imports, folder));
    return found.length === 0 ? [] : [`${folder === '' ? '/' : folder}: ${found.join('; ')}`];
  });
  assert.deepEqual(circles, []);
});
