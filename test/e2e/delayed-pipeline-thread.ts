import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelineGreeting, PipelineSettings } from '../../src/app/pipeline-settings.ts';

/** The pipeline's thread, which begins to start when a file `go` appears in the data directory, and fails when that is `fail`. */
const { dir } = workerData as PipelineSettings;
const isThere = (name: string): boolean => existsSync(join(dir.root, name));
while (!isThere('go') && !isThere('fail')) await sleep(20);
if (isThere('fail')) {
  parentPort?.postMessage({ failed: { code: 'STORE_MIGRATION', message: 'a start that fails' } } satisfies PipelineGreeting);
} else await import('../../src/app/pipeline-thread.ts');
