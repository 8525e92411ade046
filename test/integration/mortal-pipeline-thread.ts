import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import type { PipelineSettings } from '../../src/app/pipeline.ts';

/** The pipeline's thread, which dies when a file named `die` appears in the data directory. */
const { dir } = workerData as PipelineSettings;
const order = join(dir.root, 'die');
setInterval(() => {
  if (!existsSync(order)) return;
  rmSync(order);
  process.exit(7);
}, 5).unref();

await import('../../src/app/pipeline-thread.ts');
