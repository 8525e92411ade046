import { isWell } from '@transaction-guardian/contracts/standing.ts';
import type { Health, Stats } from '@transaction-guardian/contracts/stats.ts';
import type { Say } from '../turn.ts';

/** Sign of a state at the head of a reply: fine, not known or half, broken. */
export function markOf(health: Health, stats: Stats): '✅' | '⚠️' | '🚨' {
  if (isWell(health, stats)) return '✅';
  const isBroken = health.status === 'unhealthy' || stats.active_alerts > 0 || stats.judged === 'behind' || stats.stream === 'stalled';
  return isBroken ? '🚨' : '⚠️';
}

/** Why what is shown may not be how things are, each with its sign; empty when it is judged and of now. */
export function caveatsOf(say: Say, stats: Stats): string[] {
  const caveats: string[] = [];
  const warn = (text: string): void => void caveats.push(`⚠️ ${text}`);
  if (stats.stream === 'empty') warn(say('chat.caveat.empty'));
  if (stats.stream === 'stalled') warn(say('chat.caveat.stalled', { at: stats.last_minute ?? '' }));
  if (stats.judged === 'behind' || stats.judged === 'catching_up') {
    const params = { n: stats.minutes_behind };
    warn(
      stats.judged_until === null
        ? say('chat.caveat.none_judged', params)
        : say(`chat.caveat.${stats.judged}`, { ...params, until: stats.judged_until }),
    );
  }
  if (stats.learning && stats.stream !== 'empty') warn(say('chat.caveat.learning'));
  if (stats.stream === 'replay' && stats.stream_now !== null) caveats.push(`ℹ️ ${say('chat.caveat.replay', { at: stats.stream_now })}`);
  return caveats;
}

/** The caveats as lines below a reply, or nothing. */
export function caveatLines(say: Say, stats: Stats): string {
  const caveats = caveatsOf(say, stats);
  return caveats.length === 0 ? '' : `\n\n${caveats.join('\n')}`;
}
