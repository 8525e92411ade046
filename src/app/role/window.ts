import type { StartRole } from '../running-role.ts';
import { startStages } from '../stage-process.ts';

/** Counts transactions into minutes and closes them. */
export const start: StartRole = (config, deps, options) => startStages('window', config, deps, options);
