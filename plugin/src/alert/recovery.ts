import type { MessageSent } from '../openclaw.ts';
import type { Target } from '../settings.ts';
import { chatOf } from '../settings.ts';
import { isSameState, type Ledger, type ToldAlert } from '../state/ledger.ts';
import type { Intent, Intents, Owed } from '../state/intents.ts';
import type { ReportReceipt } from './receipt.ts';

/** What is known of a message that a killed gateway had begun to send. `sent`: it is on the phone, and noted. `unknown`: the channel
 *  may have it, or the gateway's queue has said nothing of it in time. */
export type Fate = 'sent' | 'unknown';

/** Finds out what became of messages that were under way when the gateway was killed, and remembers those without an answer. Its queue keeps each before it is sent, and says
 *  after the start of each that it was sent now, that the channel has it, or that nobody can know. */
export interface Recovery {
  /** Takes what the gateway says of a message. */
  observe(channel: string, event: MessageSent): void;
  /** A message was asked for and its channel did not answer: what comes in its place may be a repetition. */
  doubt(intent: Intent): void;
  /** The gateway's queue has a message that is noted as told: its id is known, and reported, once the queue has sent it. */
  hold(intent: Intent, says: NonNullable<Intent['says']>): void;
  /** What became of the message that was to tell these alerts of a group; null: none was left. Waits for the gateway's queue. */
  settle(chat: string, groupKey: string, alerts: readonly ToldAlert[]): Promise<Fate | null>;
}

export interface RecoveryDeps {
  readonly intents: Intents;
  readonly ledger: Ledger;
  readonly report: ReportReceipt;
  /** The queue gave up what whoever notified takes for done: it is still to be notified. */
  readonly owe: (owed: Owed) => void;
  readonly targets: readonly Target[];
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

/** On an idle machine the queue is through with what was left within seconds after the start; a page waits no longer. */
const QUEUE_MS = 20_000;
const LOOK_MS = 200;
/** The queue gives a message up after five attempts, which takes about a quarter of an hour, or when an attempt had no answer. */
const GIVEN_UP = /retry budget exhausted|max retries|refusing blind replay/;
const NO_ANSWER = /refusing blind replay/;

export function createRecovery({ intents, ledger, report, owe, targets, now, wait }: RecoveryDeps): Recovery {
  const startedAt = now();
  const unknown = new Set<Intent>();
  for (const { chat, number } of intents.left) ledger.reserve(chat, number);

  async function take(intent: Intent, messageId: string | null): Promise<void> {
    const { chat, number, isShared, mayRepeat } = intent;
    const isMarked = mayRepeat === undefined ? {} : { mayRepeat };
    const target = targets.find((one) => chatOf(one) === chat);
    for (const { groupKey, alerts, notification } of intent.groups) {
      await ledger.note({ number, chat, groupKey, messageId, isShared, ...isMarked, alerts, notification, at: intent.at }, alerts);
      if (target !== undefined) void report(target, alerts, { messageId, part: groupKey.slice(0, 40), state: 'delivered', notification });
    }
    unknown.delete(intent);
    intents.end(intent);
  }

  /** Nobody has it: it is sent again, and the server, which is told so, passes it on meanwhile. */
  function giveUp(intent: Intent, error: string): void {
    const target = targets.find((one) => chatOf(one) === intent.chat);
    for (const { groupKey, alerts, notification } of intent.groups) {
      void ledger.forget({ chat: intent.chat, number: intent.number, groupKey, alerts });
      if (target !== undefined) void report(target, alerts, { messageId: null, state: 'failed', error, notification });
    }
    intents.end(intent);
    const { isHeld: _held, says = [], ...doubtful } = intent;
    if (NO_ANSWER.test(error)) unknown.add(intents.leave(doubtful));
    for (const said of says) owe({ ...said, chat: intent.chat, at: intent.at });
  }

  return {
    observe(channel, { to, content, success, messageId, error = '' }) {
      const intent = intents.left.find((one) => (success || !unknown.has(one)) && isIn(one.chat, channel, to) && isText(content, one.text));
      if (intent === undefined) return;
      if (success) void take(intent, messageId ?? null);
      // Of what the queue holds, an attempt that fails says nothing until it was the last one.
      else if (intent.isHeld !== true) unknown.add(intent);
      else if (GIVEN_UP.test(error)) giveUp(intent, error);
    },
    doubt(intent) {
      unknown.add(intents.leave(intent));
    },
    hold(intent, says) {
      intents.leave(intent, says);
    },
    async settle(chat, groupKey, alerts) {
      const isAbout = (intent: Intent): boolean =>
        intent.chat === chat &&
        intent.isHeld !== true &&
        intent.groups.some((group) => group.groupKey === groupKey && covers(group.alerts, alerts));
      const find = (): Intent | undefined => intents.left.find(isAbout);
      let intent = find();
      if (intent === undefined) return null;
      while (intent !== undefined && !unknown.has(intent) && now() - startedAt < QUEUE_MS) {
        await wait(LOOK_MS);
        intent = find();
      }
      if (intent === undefined) return 'sent';
      intents.end(intent);
      unknown.delete(intent);
      // The other groups of a shared message come again each for itself.
      const others = intent.groups.filter((one) => one.groupKey !== groupKey);
      if (others.length > 0) unknown.add(intents.leave({ ...intent, groups: others }));
      // If it is on the phone, its buttons work as those of the message that comes in its place.
      const { number, isShared, at } = intent;
      const group = intent.groups.find((one) => one.groupKey === groupKey);
      if (group !== undefined && !isShared) ledger.announce({ ...group, number, chat, messageId: null, isShared, at });
      return 'unknown';
    },
  };
}

/** `to` as channels write it: with or without their name, or what kind of chat it is. */
const isIn = (chat: string, channel: string, to: string): boolean =>
  chat === `${channel}:${to}` || chat === to || chat === `${channel}:${to.slice(to.lastIndexOf(':') + 1)}`;

/** Whether a message as the gateway tells it begins with our text: each channel changes the markup on the way. */
const isText = (content: string, text: string): boolean => bare(content).startsWith(bare(text));
const bare = (text: string): string => text.replaceAll(/&\w+;|[^\p{L}\p{N}]/gu, '');

const covers = (told: readonly ToldAlert[], alerts: readonly ToldAlert[]): boolean => alerts.some((alert) => told.some(isSameState(alert)));
