import { listedOf } from '@transaction-guardian/contracts/text/many-alerts.ts';
import { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';
import type { Outbound } from '../outbound/outgoing.ts';
import type { Line } from '../render/line.ts';
import { chatOf, type Settings, type Target } from '../settings.ts';
import { toldOf, type Ledger } from '../state/ledger.ts';
import type { Intent, Intents } from '../state/intents.ts';
import { firstText } from '../outbound/outbound.ts';
import type { IncomingGroup } from '../payload.ts';
import { alertTitle, bareTitle, repeatedLines, severityMark, unlistedLines } from './alert-text.ts';
import type { DeliveryAnswer } from './delivery.ts';
import type { Recovery } from './recovery.ts';
import type { ReportReceipt } from './receipt.ts';
import { inOrder, alertSeverity } from './severity.ts';

const WINDOW_MS = 60_000;
/** How long groups are gathered before they are told. */
const GATHER_MS = 2000;
/** A message about many groups makes a sound again after this, when something critical has joined. */
const LOUD_MS = 20_000;
/** Lines that a message has room for, however many are critical. */
const LISTED = 20;

/** Many groups at once, told in one message that is changed: the worst few are listed, what is critical before all, and the others counted by kind. */
export interface Burst {
  /** Takes one of the messages that a chat gets in a minute; false when they are used up, so that groups are gathered. */
  take(target: Target): boolean;
  /** Resolves once the group is told. */
  add(target: Target, waiting: Waiting): Promise<DeliveryAnswer>;
}

export interface BurstDeps {
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly outbound: Outbound;
  readonly intents: Intents;
  readonly recovery: Recovery;
  readonly report: ReportReceipt;
  readonly now: () => number;
}

interface Episode {
  readonly began: number;
  readonly groups: Map<string, Waiting>;
  waiting: (Waiting & { readonly tell: (delivery: DeliveryAnswer) => void })[];
  flushing: Promise<void> | null;
  messageId: string | null;
  /** Something in the message that stands may be on the phone already. */
  mayRepeat: boolean;
  loudAt: number;
  lastAt: number;
}
interface Waiting {
  readonly group: IncomingGroup;
  readonly notification: string;
  /** A message about it was asked for before, and nobody knows whether it arrived. */
  readonly mayRepeat: boolean;
}

export function createBurst(deps: BurstDeps): Burst {
  const { now } = deps;
  const sent = new Map<string, number[]>();
  const episodes = new Map<string, Episode>();
  const recent = (target: Target): number[] => (sent.get(chatOf(target)) ?? []).filter((at) => now() - at < WINDOW_MS);
  const episodeOf = (target: Target): Episode | undefined => {
    const episode = episodes.get(chatOf(target));
    return episode !== undefined && (episode.flushing !== null || now() - episode.lastAt < WINDOW_MS) ? episode : undefined;
  };

  const flush = async (target: Target, episode: Episode): Promise<void> => {
    while (episode.waiting.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const batch = episode.waiting;
      episode.waiting = [];
      for (const { group, notification, mayRepeat } of batch) episode.groups.set(group.groupKey, { group, notification, mayRepeat });
      const delivery = await tellTogether(deps, target, episode, batch);
      for (const { tell } of batch) tell(delivery);
    }
    episode.flushing = null;
  };

  return {
    take(target) {
      const before = recent(target);
      if (before.length >= deps.settings.messagesPerMinute || episodeOf(target) !== undefined) return false;
      sent.set(chatOf(target), [...before, now()]);
      return true;
    },
    add: (target, waiting) =>
      new Promise((tell) => {
        const episode: Episode = episodeOf(target) ?? {
          began: now(),
          groups: new Map(),
          waiting: [],
          flushing: null,
          messageId: null,
          mayRepeat: false,
          loudAt: 0,
          lastAt: now(),
        };
        episodes.set(chatOf(target), episode);
        episode.lastAt = now();
        episode.waiting.push({ ...waiting, tell });
        episode.flushing ??= flush(target, episode);
      }),
  };
}

async function tellTogether(deps: BurstDeps, target: Target, episode: Episode, batch: readonly Waiting[]): Promise<DeliveryAnswer> {
  const { outbound, now } = deps;
  const all = burstLines(deps.settings, [...episode.groups.values()], now() - episode.began);
  const { locale } = deps.settings;
  const buttons = [{ label: pluginText(locale, 'plugin.button.awake'), value: pluginText(locale, 'plugin.say.awake') }];
  const hasCritical = batch.some(({ group }) =>
    group.alerts.some((alert) => alert.status === 'firing' && alertSeverity(alert) === 'critical'),
  );
  const mayRepeat = batch.some((one) => one.mayRepeat);
  const linesIf = (isMarked: boolean): Line[] => (isMarked ? repeatedLines(all, deps.settings) : all);
  const isLoud = episode.messageId === null || (hasCritical && now() - episode.loudAt >= LOUD_MS);
  if (!isLoud && episode.messageId !== null) {
    const isMarked = episode.mayRepeat || mayRepeat;
    if (await outbound.edit(target, episode.messageId, { lines: linesIf(isMarked), buttons })) {
      episode.mayRepeat = isMarked;
      return note(deps, target, episode, batch);
    }
  }
  const message = { lines: linesIf(mayRepeat), buttons };
  const intent: Intent = {
    ...{ chat: chatOf(target), number: deps.ledger.nextNumber(chatOf(target)), isShared: true, at: now() },
    groups: batch.map(({ group, notification }) => ({ groupKey: group.groupKey, alerts: toldOf(group.alerts), notification })),
    text: firstText(target.channel, message),
  };
  await deps.intents.begin(intent);
  const sent = await outbound.send(target, message);
  if (sent.kind === 'sent') {
    episode.messageId = sent.messageId;
    episode.mayRepeat = mayRepeat;
  }
  if (sent.kind !== 'failed') {
    episode.loudAt = now();
    await note(deps, target, episode, batch);
  }
  if (sent.kind === 'failed' && sent.mayHaveArrived) deps.recovery.doubt(intent);
  else if (sent.kind === 'held')
    deps.recovery.hold(
      intent,
      batch.map(({ group, notification }) => ({ group, notification })),
    );
  else {
    deps.intents.end(intent);
    const doubtful = intent.groups.filter((_group, at) => sent.kind === 'failed' && batch[at]?.mayRepeat === true);
    if (doubtful.length > 0) deps.recovery.doubt({ ...intent, groups: doubtful });
  }
  return sent.kind === 'failed' ? { kind: 'failed', error: sent.error } : { kind: 'delivered' };
}

async function note(
  { ledger, now, report }: BurstDeps,
  target: Target,
  { messageId }: Episode,
  batch: readonly Waiting[],
): Promise<DeliveryAnswer> {
  const chat = chatOf(target);
  const number = ledger.nextNumber(chat);
  await Promise.all(
    batch.map(({ group, notification }) =>
      ledger.note(
        {
          number,
          chat,
          groupKey: group.groupKey,
          messageId,
          isShared: true,
          alerts: toldOf(group.alerts),
          notification,
          at: now(),
        },
        group.alerts,
      ),
    ),
  );
  for (const [at, { group, notification }] of batch.entries())
    void report(target, group.alerts, { messageId, part: `${now()}-${at}`, state: 'delivered', notification });
  return { kind: 'delivered' };
}

/** The alerts of the groups, by the rule of all channels for many alerts. Pure. */
export function burstLines(
  settings: Pick<Settings, 'locale' | 'timeZone'>,
  groups: readonly Pick<Waiting, 'group'>[],
  tookMs: number,
): Line[] {
  const { locale, timeZone } = settings;
  const alerts = inOrder(groups.flatMap(({ group }) => group.alerts));
  const critical = alerts.filter(({ status, severity }) => status === 'firing' && severity === 'critical').length;
  const seconds = Math.max(1, Math.round(tookMs / 1000));
  const listed = Math.min(LISTED, listedOf(alerts));
  const unread = groups.reduce((sum, { group }) => sum + group.truncatedAlerts, 0);
  return [
    {
      text: pluginText(locale, 'plugin.burst.title', { n: groups.length, seconds, critical }),
      style: 'strong',
    },
    ...alerts.slice(0, listed).map((alert) => ({
      text: pluginText(
        locale,
        'plugin.burst.line',
        {
          mark: severityMark(alert),
          title: bareTitle(alertTitle(alert, settings)),
          time: alert.startsAt,
        },
        { timeZone },
      ),
    })),
    ...unlistedLines(alerts.slice(listed), unread, locale),
  ];
}
