import type { IncidentFigures } from '@transaction-guardian/contracts/incident.ts';
import type { Period } from '../period/period.ts';
import type { Turn } from '../turn.ts';
import { lengthText } from './figures.ts';
import { PRIORITY_MARKS } from './incident.ts';
import { periodText } from './period-text.ts';
import { tree, type Reply } from './reply.ts';

const LAST_MONTH: Period = { kind: 'last', amount: 30, unit: 'day' };

/** "mttr", "tempos dos incidentes ontem": mean times of the incidents that were opened in the period, of all and by priority. Without a
 *  period: the last 30 days. Incidents are opened by the wall clock, also where the stream is a replay. */
export async function replyIncidentFigures(turn: Turn, asked: Period | undefined): Promise<Reply> {
  const { acts, data, say } = turn;
  const period = asked ?? LAST_MONTH;
  const range = turn.periods.resolve(period, data.clock.now());
  const { items } = await acts.incidents.figures(range.from, range.to);
  const when = periodText(turn, period, range);
  const talk = { question: { verb: 'incident_figures', ...(asked === undefined ? {} : { period: asked }) } as const };
  const all = items.find(({ priority }) => priority === null);
  if (all === undefined || all.count === 0) return { text: say('chat.figures.none', { when }), talk };
  const of = ({ mean_to_detect_s, mean_to_deliver_s, mean_to_acknowledge_s, mean_to_resolve_s, mean_between_s }: IncidentFigures) => ({
    mttd: meanText(mean_to_detect_s),
    delivery: meanText(mean_to_deliver_s),
    mtta: meanText(mean_to_acknowledge_s),
    mttr: meanText(mean_to_resolve_s),
    mtbf: meanText(mean_between_s),
  });
  const means = of(all);
  const lines = items.flatMap((item) =>
    item.priority === null || item.count === 0
      ? []
      : [`${PRIORITY_MARKS[item.priority]} ${say('chat.figures.line', { priority: item.priority, n: item.count, ...of(item) })}`],
  );
  const title = `📐 ${say('chat.figures.title', { when, n: all.count, open: all.open })}`;
  const branches = (['mttd', 'delivery', 'mtta', 'mttr', 'mtbf'] as const).map((name) =>
    say(`chat.figures.${name}`, { time: means[name] }),
  );
  return { text: `${tree(title, branches)}\n\n${lines.join('\n')}`, talk, followUps: [say('chat.say.incidents')] };
}

/** `45s`, `12min`, `3d 4h`; a dash where there is none. */
function meanText(seconds: number | null): string {
  if (seconds === null) return '–';
  return seconds < 60 ? `${seconds}s` : lengthText(seconds / 60);
}
