import type { StartRole } from '../running-role.ts';
import { startStages } from '../stage-process.ts';

/** Groups anomalies into alerts and notifies. It also notifies the receivers when the owner of the data is absent, which shows them of
 *  every other role. */
export const start: StartRole = (config, deps, options) => startStages('alert', config, deps, { ...options, watches: 'data' });
