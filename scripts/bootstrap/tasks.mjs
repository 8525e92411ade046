import { join } from 'node:path';
import { root, SetupError } from './paths.mjs';
import { fail, runChild } from './launch.mjs';
import { runTests } from './tests.mjs';
import { setUp } from '../setup.mjs';

const tool = (...parts) => join(root, 'node_modules', ...parts);
const TESTS = [
  'src/**/*.test.ts',
  'contracts/**/*.test.ts',
  'plugin/src/**/*.test.ts',
  'bench/**/*.test.ts',
  'test/*.test.ts',
  'test/e2e/**/*.test.ts',
];
const CLAWDBOT_TESTS = ['test/clawdbot/**/*.test.ts'];
const SERVICE_TESTS = ['test/integration/**/*.test.ts', 'test/console/**/*.test.ts'];
const BENCH_FLAGS = ['--disable-warning=ExperimentalWarning', '--expose-gc'];

const LINT = [[tool('oxlint', 'bin', 'oxlint'), '--type-aware'], [tool('knip', 'bin', 'knip.js')]];
const FORMAT = [tool('oxfmt', 'bin', 'oxfmt')];
const TYPES = [
  [tool('typescript', 'bin', 'tsc'), '-p', '.'],
  [tool('typescript', 'bin', 'tsc'), '-p', 'web'],
];
const PLUGIN = [[tool('vite', 'bin', 'vite.js'), 'build', join(root, 'plugin'), '--logLevel', 'warn']];
const DOCS = [[join(root, 'scripts', 'check-docs.mjs')]];

/** Runs each step, all of them even when one fails. Returns 0 or the first bad exit code. */
async function steps(node, list, args = []) {
  let worst = 0;
  for (const step of list) worst = (await runChild(node, [...step, ...args], { cwd: root })) || worst;
  return worst;
}

async function runServiceTests(node, args) {
  for (const script of ['services.mjs', 'api-tools.mjs']) {
    const code = await runChild(node, [join(root, 'scripts', script)], { cwd: root });
    if (code !== 0) return code;
  }
  return runTests(node, SERVICE_TESTS, { args });
}

/** The plugin in a real gateway, which is installed into a folder of its own, once. */
async function runClawdbotTests(node, args) {
  const code = await steps(node, [...PLUGIN, [join(root, 'scripts', 'openclaw.mjs')]]);
  if (code !== 0) return code;
  // One gateway at a time: each takes a gigabyte.
  return runTests(node, CLAWDBOT_TESTS, { args: ['--test-concurrency=1', ...args] });
}

/** Faults on real servers, with processes of the product under load. */
async function runFaults(node, args) {
  const code = args.includes('--list') ? 0 : await runChild(node, [join(root, 'scripts', 'services.mjs')], { cwd: root });
  return code === 0
    ? runChild(node, ['--disable-warning=ExperimentalWarning', join(root, 'test', 'faults', 'run.ts'), ...args], { cwd: root })
    : code;
}

/** Every task: what it runs, and whether it needs web/dist and the program in few files. */
const TASKS = {
  test: { console: true, program: true, run: (node, args) => runTests(node, TESTS, { web: true, args }) },
  'test:services': { console: true, program: true, run: runServiceTests },
  'test:clawdbot': { console: true, program: true, run: runClawdbotTests },
  'test:faults': { program: true, run: runFaults },
  services: { run: (node, args) => steps(node, [[join(root, 'scripts', 'services.mjs')]], args) },
  bench: { program: true, run: (node, args) => steps(node, [[...BENCH_FLAGS, join(root, 'bench', 'run.ts')]], args) },
  scorecard: { program: true, run: (node, args) => steps(node, [[...BENCH_FLAGS, join(root, 'bench', 'scorecard', 'run.ts')]], args) },
  build: { console: true, program: true, run: () => 0 },
  'build:plugin': { run: (node) => steps(node, PLUGIN) },
  lint: { run: (node, args) => steps(node, [...LINT, [...FORMAT, '--check']], args) },
  format: { run: (node, args) => steps(node, [FORMAT], args) },
  types: { run: (node) => steps(node, TYPES) },
  'docs:check': { run: (node) => steps(node, DOCS) },
  verify: { run: (node) => steps(node, [...LINT, [...FORMAT, '--check'], ...TYPES, ...DOCS]) },
};

/** Runs one task of the table with extra arguments and ends with its exit code; 2 for a task that does not exist. */
export async function runTask(name, args) {
  const task = Object.hasOwn(TASKS, name ?? '') ? TASKS[name] : undefined;
  try {
    if (task === undefined) {
      process.stderr.write(`There is no task "${name ?? ''}"; there are: ${Object.keys(TASKS).join(', ')}.\n`);
      process.exitCode = 2;
      return;
    }
    process.exitCode = await task.run(await setUp({ console: task.console === true, program: task.program === true }), args);
  } catch (error) {
    fail(error instanceof SetupError || error?.code !== 'ENOENT' ? error : new SetupError(error.message));
  }
}
