import type { Config } from '../config/config-schema.ts';

/** Whether every process opens log and database for itself. */
export function isShared({ bus }: Pick<Config, 'bus'>): boolean {
  return bus.engine === 'kafka';
}
