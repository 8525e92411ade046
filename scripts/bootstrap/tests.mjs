import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJson, root } from './paths.mjs';
import { childEnv, runChild } from './launch.mjs';
import { endProcessesOf } from './left-of-tests.mjs';
import { NODE_TEST } from './node-test.mjs';

/** The console's own tests: vitest runs them. */
const WEB = 'web/';
const NOTHING = { passed: 0, failed: 0, skipped: 0 };
const reporter = pathToFileURL(join(root, 'scripts', 'bootstrap', 'count-reporter.mjs')).href;

/** Runs node:test over glob patterns. Returns `{ code, passed, failed, skipped }`. */
async function runNodeTests(node, patterns, { folder, extra }) {
  const counts = join(folder, 'node.json');
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${counts}`,
  ];
  const run = String(process.pid);
  const env = { ...childEnv(node), TEST_RUN_PID: run };
  const code = await runChild(node, [...NODE_TEST, '--test-concurrency=2', ...reporters, ...extra, ...patterns], { cwd: root, env });
  // A file that was killed could not end what it had started.
  endProcessesOf(process.pid, `TEST_RUN_PID=${run}`, 'the run');
  return { code, ...readJson(counts, NOTHING) };
}

/** Runs the console's tests with vitest, all or those of some files and folders. Returns `{ code, passed, failed, skipped }`. */
async function runWebTests(node, { folder, chosen }) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  if (!fs.existsSync(vitest) || !fs.existsSync(join(root, 'web', 'index.html'))) return { code: 0, ...NOTHING };
  const file = join(folder, 'web.json');
  const args = [
    vitest,
    'run',
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...chosen.map((path) => path.slice(WEB.length)),
  ];
  const code = await runChild(node, args, { cwd: join(root, 'web') });
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = readJson(file, {});
  return { code, passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

/** Runs tests and prints `N passed, N failed, N skipped` as the very last line. A run that ended badly without a failed
 *  test (a file that does not load) counts as one failure. Arguments narrow the run: flags go to node:test, the rest
 *  replaces the patterns: files, patterns, and folders with all that is in them. Returns the exit code. */
export async function runTests(node, patterns, { web = false, args = [] } = {}) {
  const folder = fs.mkdtempSync(join(tmpdir(), 'guardian-test-'));
  const extra = args.filter((arg) => arg.startsWith('-'));
  const chosen = args.filter((arg) => !arg.startsWith('-'));
  const isOfWeb = (path) => `${path}/`.startsWith(WEB);
  const ofWeb = chosen.filter(isOfWeb);
  const ofNode = chosen.filter((path) => !isOfWeb(path)).map(filesOf);
  try {
    const results = [];
    const present = chosen.length > 0 ? ofNode : patterns.filter(hasMatch);
    if (present.length > 0) results.push(await runNodeTests(node, present, { folder, extra }));
    if (ofWeb.length > 0 || (web && chosen.length === 0)) results.push(await runWebTests(node, { folder, chosen: ofWeb }));
    for (const result of results) if (result.code !== 0 && result.failed === 0) result.failed = 1;
    const sum = (key) => results.reduce((total, result) => total + result[key], 0);
    process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
    return sum('failed') === 0 ? 0 : 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The tests in a folder; anything else is a file or a pattern already. */
function filesOf(path) {
  const isFolder = fs.statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? `${path.replace(/\/+$/, '')}/**/*.test.ts` : path;
}

/** Whether a pattern has a file; a Node without `globSync` lets the test runner find out. */
function hasMatch(pattern) {
  return typeof fs.globSync !== 'function' || fs.globSync(pattern, { cwd: root }).length > 0;
}
