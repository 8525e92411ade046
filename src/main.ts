import { argv } from 'node:process';
import { warmPipelineThread } from './app/warm-thread.ts';

// Before the rest is loaded: the thread loads its own code beside it.
if (argv[2] === 'up') warmPipelineThread();
const { runProcess } = await import('./cli/run-process.ts');

await runProcess();
