import { GuardianError } from '../errors.ts';
import type { Cli } from './cli.ts';

const UNIT_MINUTES = { m: 1, min: 1, h: 60, d: 1440 } as const;

/** Minutes of a duration such as `15m`, `1h`, `2d`. Throws USAGE. */
export function durationMinutes(cli: Pick<Cli, 'say'>, option: string, text: string): number {
  const [, amount, unit] = /^(\d{1,5})(m|min|h|d)$/.exec(text.trim()) ?? [];
  const minutes = unit === 'm' || unit === 'min' || unit === 'h' || unit === 'd' ? Number(amount) * UNIT_MINUTES[unit] : 0;
  if (minutes > 0) return minutes;
  throw new GuardianError('USAGE', cli.say('usage.duration', { option, value: text }));
}
