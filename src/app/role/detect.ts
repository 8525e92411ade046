import type { StartRole } from '../running-role.ts';
import { startStages } from '../stage-process.ts';

/** Scores closed minutes, and watches whether it keeps up. */
export const start: StartRole = (config, deps, options) => startStages('detect', config, deps, options);
