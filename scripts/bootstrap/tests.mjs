import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJson, root } from './paths.mjs';
import { runChild } from './launch.mjs';

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
  const flags = ['--disable-warning=ExperimentalWarning', '--test', '--test-concurrency=2', ...reporters];
  const code = await runChild(node, [...flags, ...extra, ...patterns], { cwd: root });
  return { code, ...readJson(counts, NOTHING) };
}

/** Runs the console's tests with vitest. Returns `{ code, passed, failed, skipped }`. */
async function runWebTests(node, { folder }) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  if (!fs.existsSync(vitest) || !fs.existsSync(join(root, 'web', 'index.html'))) return { code: 0, ...NOTHING };
  const file = join(folder, 'web.json');
  const args = [vitest, 'run', '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await runChild(node, args, { cwd: join(root, 'web') });
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = readJson(file, {});
  return { code, passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

/** Runs tests and prints `N passed, N failed, N skipped` as the very last line. A run that ended badly without a failed
 *  test (a file that does not load) counts as one failure. Arguments narrow the run: flags go to node:test, the rest
 *  replaces the patterns. Returns the exit code. */
export async function runTests(node, patterns, { web = false, args = [] } = {}) {
  const folder = fs.mkdtempSync(join(tmpdir(), 'guardian-test-'));
  const extra = args.filter((arg) => arg.startsWith('-'));
  const chosen = args.filter((arg) => !arg.startsWith('-'));
  try {
    const results = [];
    const present = (chosen.length > 0 ? chosen : patterns).filter((pattern) => chosen.length > 0 || hasMatch(pattern));
    if (present.length > 0) results.push(await runNodeTests(node, present, { folder, extra }));
    if (web && chosen.length === 0) results.push(await runWebTests(node, { folder }));
    for (const result of results) if (result.code !== 0 && result.failed === 0) result.failed = 1;
    const sum = (key) => results.reduce((total, result) => total + result[key], 0);
    process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
    return sum('failed') === 0 ? 0 : 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a pattern has a file; a Node without `globSync` lets the test runner find out. */
function hasMatch(pattern) {
  return typeof fs.globSync !== 'function' || fs.globSync(pattern, { cwd: root }).length > 0;
}
