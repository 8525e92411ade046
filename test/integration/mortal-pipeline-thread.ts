import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import type { PipelineSettings } from '../../src/app/pipeline-settings.ts';

/** The pipeline's thread, which dies when a file named `die` appears in the data directory, and spins for ever, as an engine
 *  does that cannot write, while there is one named `hang`. */
const { dir } = workerData as PipelineSettings;
const order = (name: string): string => join(dir.root, name);
setInterval(() => {
  while (existsSync(order('hang')));
  if (!existsSync(order('die'))) return;
  rmSync(order('die'));
  process.exit(7);
}, 5).unref();

await import('../../src/app/pipeline-thread.ts');
