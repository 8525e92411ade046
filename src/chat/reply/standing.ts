import type { Stats } from '@transaction-guardian/contracts/stats.ts';
import type { Say } from '../turn.ts';

/** Why what is shown may not be how things are, each with its sign; empty when it is judged and of now. */
export function caveatsOf(say: Say, stats: Stats): string[] {
  const caveats: string[] = [];
  const warn = (text: string): void => void caveats.push(`⚠️ ${text}`);
  if (stats.stream === 'empty') warn(say('chat.caveat.empty'));
  if (stats.stream === 'stalled') warn(stalledText(say, stats));
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

const stalledText = (say: Say, { last_transaction_minute: at }: Stats): string =>
  at === null ? say('chat.caveat.stalled_never') : say('chat.caveat.stalled', { at });

/** The caveats as lines below a reply, or nothing. */
export function caveatLines(say: Say, stats: Stats): string {
  const caveats = caveatsOf(say, stats);
  return caveats.length === 0 ? '' : `\n\n${caveats.join('\n')}`;
}
