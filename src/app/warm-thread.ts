import { Worker } from 'node:worker_threads';

/** The file that runs in the pipeline's thread. */
export const PIPELINE_THREAD = new URL('./pipeline-thread.ts', import.meta.url);

let warm: Worker | undefined;

/** Makes the pipeline's thread now, without work: it loads its code and compiles the database engine while this thread still
 *  reads the configuration. It keeps no process alive. */
export function warmPipelineThread(): void {
  warm = new Worker(PIPELINE_THREAD, { name: 'pipeline' });
  const made = warm;
  made.on('error', () => undefined);
  made.once('exit', () => {
    if (warm === made) warm = undefined;
  });
  made.unref();
}

/** The thread that `warmPipelineThread` made, once; undefined when there is none. Its work goes to it as the first message. */
export function takeWarmThread(): Worker | undefined {
  const taken = warm;
  warm = undefined;
  taken?.ref();
  return taken;
}
