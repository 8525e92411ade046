import type { HoldElsewhere, HoldKind } from '../../alertmanager/held.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import { listFiringFingerprints } from '../../store/verbs/alert/list-alerts.ts';
import { actActor } from '../act-actor.ts';
import type { Turn } from '../turn.ts';
import { othersIn } from './alerts-elsewhere.ts';
import { whereAllowed } from './allowed.ts';
import { nameText } from './name-text.ts';
import { elsewhereName, type PointedElsewhere } from './pointed.ts';
import { tree } from './reply.ts';

/** Alerts of others that one line acknowledges. */
const MOST = 20;

/** "estou acordado": what fires only in Alertmanager and nothing holds back there, the worst of it. A line on what became of it. */
export async function acknowledgeElsewhere(turn: Turn): Promise<readonly string[]> {
  const { acts, data, say } = turn;
  const { elsewhere } = acts;
  if (elsewhere === undefined || data.heldElsewhere === undefined) return [];
  const [held, own] = await Promise.all([data.heldElsewhere(), listFiringFingerprints(data.database)]);
  const others = othersIn(held, own).filter(({ isSuppressed }) => !isSuppressed);
  if (others.length === 0) return [];
  const outcomes = await Promise.all(
    others
      .slice(0, MOST)
      .map(({ fingerprint }) =>
        elsewhere.hold(actActor(turn, `acknowledge ${fingerprint}`), { fingerprint, kind: 'acknowledge', until: null }),
      ),
  );
  const n = outcomes.filter(({ kind }) => kind === 'done').length;
  return [say(n === others.length ? 'chat.elsewhere.all' : 'chat.elsewhere.some', { n, left: others.length - n })];
}

/** Acknowledges, snoozes or silences an alert that only Alertmanager has, by a silence there. */
export async function holdElsewhere(
  turn: Turn,
  item: PointedElsewhere,
  { kind, until: asked }: { readonly kind: HoldKind; readonly until: number | null },
): Promise<string> {
  const { acts, say, actor } = turn;
  const { elsewhere } = acts;
  if (elsewhere === undefined) return say('chat.elsewhere.not_configured');
  const { fingerprint } = item;
  const what = elsewhereName(item);
  const done = await whereAllowed(say, () => elsewhere.hold(actActor(turn, `${kind} ${fingerprint}`), { fingerprint, kind, until: asked }));
  if ('denied' in done) return done.denied;
  const outcome = done.value;
  switch (outcome.kind) {
    case 'unknown':
      return say('chat.act.not_firing', { what });
    case 'too_long':
      return say('chat.snooze.too_long');
    case 'away':
      return say('chat.elsewhere.away', { names: namesOf(outcome.absent) });
    case 'taken':
      return say('chat.ack.taken', { what, by: nameText(outcome.by), at: outcome.at });
    case 'done': {
      const { until, absent } = outcome;
      const text =
        kind === 'acknowledge'
          ? say('chat.ack.done_until', { what, by: nameText(shownName(actor)), until })
          : say('chat.snooze.done', { what, until });
      return `${text}${partly(turn, absent)}`;
    }
  }
}

/** Ends what holds an alert of others back; `kind`: of which kind. */
export async function releaseElsewhere(turn: Turn, item: PointedElsewhere, kind: 'acknowledge' | 'snooze'): Promise<string> {
  const { say } = turn;
  const kinds: readonly HoldKind[] = kind === 'acknowledge' ? ['acknowledge'] : ['snooze', 'silence'];
  const what = elsewhereName(item);
  return release(turn, item.fingerprint, {
    ...{ part: 'undo', kinds },
    none: () => say(`chat.undo.no_${kind}`, { what }),
    done: () => say(`chat.undo.${kind}`, { what }),
  });
}

/** "encerrar silêncio 2", where that is one of Alertmanager alone. */
export async function endElsewhere(turn: Turn, fingerprint: string): Promise<string> {
  const { say } = turn;
  return release(turn, fingerprint, {
    ...{ part: 'end', kinds: ['silence', 'snooze', 'acknowledge'] },
    none: () => say('chat.silences.already_ended'),
    done: (name) => say('chat.silences.ended', { what: nameText(name) }),
  });
}

interface Release {
  /** Names the act within the message. */
  readonly part: string;
  readonly kinds: readonly HoldKind[];
  /** What to say where nothing held it, and where what held the alert of this name has ended. */
  readonly none: () => string;
  readonly done: (name: string) => string;
}

async function release(turn: Turn, fingerprint: string, { part, kinds, none, done }: Release): Promise<string> {
  const { acts, say } = turn;
  const { elsewhere } = acts;
  if (elsewhere === undefined) return say('chat.elsewhere.not_configured');
  const released = await whereAllowed(say, () => elsewhere.release(actActor(turn, `${part} ${fingerprint}`), { fingerprint, kinds }));
  if ('denied' in released) return released.denied;
  const outcome = released.value;
  if (outcome.kind === 'away') return say('chat.elsewhere.away', { names: namesOf(outcome.absent) });
  return outcome.kind === 'none' ? none() : `${done(outcome.name)}${partly(turn, outcome.absent)}`;
}

/** One of them in the list of silences. */
export function holdText({ say }: Turn, { name, kind, by, until }: HoldElsewhere, number: number): string {
  return tree(`🔕 ${nameText(name)} #${number}`, [
    say('chat.silences.until', { until, by: nameText(by) }),
    say('chat.silences.reason', { reason: say(`chat.elsewhere.${kind}`) }),
  ]);
}

const namesOf = (absent: readonly string[]): string => absent.map(nameText).join(', ');

const partly = ({ say }: Turn, absent: readonly string[]): string =>
  absent.length === 0 ? '' : `\n⚠️ ${say('chat.elsewhere.partly', { names: namesOf(absent) })}`;
