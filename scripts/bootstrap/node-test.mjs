import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

/** Of one test. The longest one starts servers and takes three minutes on two cores. */
const TEST_MS = 900_000;

/** Arguments of Node that run test files: a test that hangs fails after a quarter of an hour, and a file whose process
 *  goes on after its tests fails too, so that neither holds up the run. */
export const NODE_TEST = [
  '--disable-warning=ExperimentalWarning',
  '--test',
  `--test-timeout=${TEST_MS}`,
  `--import=${pathToFileURL(join(root, 'scripts', 'bootstrap', 'end-of-tests.mjs')).href}`,
];
