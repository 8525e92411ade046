import { startApp } from '../app.ts';
import type { StartRole } from '../running-role.ts';

/** Everything in one process. */
export const start: StartRole = (config, deps, options) => startApp(config, deps, options);
