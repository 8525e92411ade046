import type { StartRole } from '../running-role.ts';
import { startStages } from '../stage-process.ts';

/** Groups anomalies into alerts and notifies. */
export const start: StartRole = (config, deps, options) => startStages('alert', config, deps, options);
