import type { Outbound } from '../outbound/outgoing.ts';
import { isSameState, toldOf, type Ledger, type Told, type ToldAlert } from '../state/ledger.ts';
import { chatOf, type Settings, type Target } from '../settings.ts';
import type { DeliveryAnswer } from './delivery.ts';
import type { Burst } from './burst.ts';
import type { Recovery } from './recovery.ts';
import type { Intent, Intents } from '../state/intents.ts';
import { firstText } from '../outbound/outbound.ts';
import type { Line } from '../render/line.ts';
import { groupLines, repeatedLines } from './alert-text.ts';
import { chooseTelling } from './telling.ts';
import { actableOf, offers } from './alert-buttons.ts';
import { alertSeverity } from './severity.ts';
import { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';
import type { IncomingAlert, IncomingGroup } from '../payload.ts';
import type { ReportReceipt } from './receipt.ts';

export interface DeliverDeps {
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly outbound: Outbound;
  readonly burst: Burst;
  readonly intents: Intents;
  readonly recovery: Recovery;
  readonly report: ReportReceipt;
  /** Whether the server acts on alerts that only Alertmanager has. */
  readonly actsElsewhere: () => Promise<boolean>;
  readonly now: () => number;
}

/** A group for everybody who gets it. Groups of one chat are told one after the other; the same notification that comes again
 *  meanwhile waits for the first. */
export type Deliver = (group: IncomingGroup, notification: string) => Promise<DeliveryAnswer>;

/** The same for one of them. */
export type Tell = (target: Target, group: IncomingGroup, notification: string) => Promise<DeliveryAnswer>;

export function createTell(deps: DeliverDeps): Tell {
  const under = new Map<string, Promise<DeliveryAnswer>>();
  const lanes = new Map<string, Promise<unknown>>();

  return (target, group, notification) => {
    const lane = `${chatOf(target)} ${group.groupKey}`;
    const same = `${lane} ${notification} ${group.alerts.map(({ fingerprint, status, startsAt }) => `${fingerprint}${status}${startsAt}`).join()}`;
    const known = under.get(same);
    if (known !== undefined) return known;
    const work = async (): Promise<DeliveryAnswer> => tellOne(deps, target, group, notification);
    const before = lanes.get(lane) ?? Promise.resolve();
    const mine = before.then(work, work).finally(() => {
      under.delete(same);
      if (lanes.get(lane) === mine) lanes.delete(lane);
    });
    under.set(same, mine);
    lanes.set(lane, mine);
    return mine;
  };
}

/** A test page asks whether the way works: it goes to everybody. */
const TEST_PAGE = 'GuardianTestPage';
const isFor = ({ severities }: Target, alert: IncomingAlert): boolean =>
  severities === undefined || alert.labels['alertname'] === TEST_PAGE || severities.includes(alertSeverity(alert));

export function createDeliver({ deliverTo }: Pick<Settings, 'deliverTo'>, tell: Tell): Deliver {
  return async (group, notification) => {
    const told = await Promise.all(
      deliverTo.map(async (target) => {
        const alerts = group.alerts.filter((alert) => isFor(target, alert));
        return alerts.length === 0 ? ({ kind: 'delivered' } as const) : tell(target, { ...group, alerts }, notification);
      }),
    );
    return told.find(({ kind }) => kind === 'failed') ?? { kind: 'delivered' };
  };
}

/** In the key of a group: the steps of the escalation of one alert. */
const ESCALATION = 'scope="escalation"';

async function tellOne(deps: DeliverDeps, target: Target, group: IncomingGroup, notification: string): Promise<DeliveryAnswer> {
  const { ledger, outbound, burst, settings, now } = deps;
  const chat = chatOf(target);
  const mayRepeat = (await deps.recovery.settle(chat, group.groupKey, group.alerts)) === 'unknown';
  const before = ledger.last(chat, group.groupKey);
  const isEscalation = group.groupKey.includes(ESCALATION);
  const isKnown = (alert: ToldAlert): boolean =>
    isEscalation ? before?.alerts.some(isSameState(alert)) === true : ledger.isTold(chat, alert);
  const news = group.alerts.filter((alert) => !isKnown(alert));
  const telling = chooseTelling({
    ...{ before, news, isEscalation, isTold: group.alerts.every((alert) => ledger.isTold(chat, alert)) },
    alerts: group.alerts,
    notification,
    canEdit: outbound.canEdit(target.channel) && before?.isShared !== true,
    now: now(),
    repeatAfterMs: settings.repeatAfterMs,
  });
  if (telling === 'nothing') {
    // It stands on the phone already: that is what the receipt of another notification about it says.
    const standing = before ?? group.alerts.map((alert) => ledger.telling(chat, alert)).find((one) => one !== undefined);
    if (standing !== undefined && notification !== standing.notification)
      void prove(deps, target, group, { before: standing, notification });
    return { kind: 'delivered' };
  }
  if (telling === 'edit' && before !== undefined && (await change(deps, target, group, { before, notification })))
    return { kind: 'delivered' };
  if (telling === 'edit' && news.length === 0) return { kind: 'delivered' };
  if ((before === undefined || before.isShared) && !burst.take(target)) return burst.add(target, { group, notification, mayRepeat });
  return say(deps, target, group, { before, notification, isReminder: news.length === 0, mayRepeat });
}

interface Context {
  readonly before: ReturnType<Ledger['last']>;
  readonly notification: string;
}

/** Changes the message that stands, without a sound. */
async function change(deps: DeliverDeps, target: Target, group: IncomingGroup, { before, notification }: Context): Promise<boolean> {
  const { ledger, outbound } = deps;
  if (before === undefined || before.messageId === null) return false;
  const { buttons } = await offered(deps, target, group, { number: before.number, notification });
  const lines = standingLines(deps, before, group);
  if (!(await outbound.edit(target, before.messageId, { lines, buttons }))) return false;
  await ledger.note({ ...before, alerts: toldOf(group.alerts), notification }, group.alerts);
  void prove(deps, target, group, { before, notification });
  return true;
}

/** A message that may stand there twice goes on saying so: the other one is not changed. */
function standingLines({ settings }: DeliverDeps, { mayRepeat }: Pick<Told, 'mayRepeat'>, group: IncomingGroup): Line[] {
  const lines = groupLines(group, settings);
  return mayRepeat === true ? repeatedLines(lines, settings) : lines;
}

async function offered(
  { settings, actsElsewhere }: DeliverDeps,
  { channel }: Target,
  { alerts }: IncomingGroup,
  { number, notification }: { readonly number: number; readonly notification: string },
) {
  const actable = await actableOf(alerts, { isFromServer: notification !== '', actsElsewhere });
  return offers(channel, { number, alerts, actable, locale: settings.locale });
}

/** Reports that the message that stands says what a notification says. */
async function prove({ report, now }: DeliverDeps, target: Target, group: IncomingGroup, { before, notification }: Context): Promise<void> {
  if (before?.messageId == null) return;
  await report(target, group.alerts, { messageId: before.messageId, part: String(now()), state: 'delivered', notification });
}

/** Says it in a message of its own, which answers the one before. */
async function say(
  deps: DeliverDeps,
  target: Target,
  group: IncomingGroup,
  { before, notification, isReminder, mayRepeat }: Context & { readonly isReminder: boolean; readonly mayRepeat: boolean },
): Promise<DeliveryAnswer> {
  const { ledger, outbound, settings, now, report } = deps;
  const isFiring = group.alerts.some(({ status }) => status === 'firing');
  const number = ledger.nextNumber(chatOf(target));
  const offer = await offered(deps, target, group, { number, notification });
  const [title, ...lines] = groupLines(group, settings);
  if (title === undefined) return { kind: 'delivered' };
  const isMarked = mayRepeat ? ({ mayRepeat } as const) : {};
  const told: Told = {
    number,
    chat: chatOf(target),
    groupKey: group.groupKey,
    messageId: null,
    isShared: false,
    ...isMarked,
    alerts: toldOf(group.alerts),
    notification,
    at: now(),
  };
  ledger.announce(told);
  const first = isReminder ? { ...title, text: pluginText(settings.locale, 'plugin.alert.again', { title: title.text }) } : title;
  const said = [first, ...lines, ...offer.lines];
  const message = {
    lines: mayRepeat ? repeatedLines(said, settings) : said,
    buttons: offer.buttons,
    ...(before?.messageId == null ? {} : { replyTo: before.messageId }),
  };
  const intent: Intent = {
    ...{ chat: told.chat, number, isShared: false, ...isMarked, at: told.at, text: firstText(target.channel, message) },
    groups: [{ groupKey: group.groupKey, alerts: told.alerts, notification }],
  };
  await deps.intents.begin(intent);
  const sent = await outbound.send(target, message);
  if (sent.kind === 'failed') {
    // One that was sent before it and may have arrived still may have.
    if (sent.mayHaveArrived || mayRepeat) deps.recovery.doubt(intent);
    else deps.intents.end(intent);
    void report(target, group.alerts, { messageId: null, state: 'failed', error: sent.error, notification });
    return { kind: 'failed', error: sent.error };
  }
  const messageId = sent.kind === 'sent' ? sent.messageId : null;
  await ledger.note({ ...told, messageId, at: now() }, group.alerts);
  if (sent.kind === 'held') deps.recovery.hold(intent, [{ group, notification }]);
  else deps.intents.end(intent);
  if (sent.kind === 'sent') void report(target, group.alerts, { messageId, state: 'delivered', notification });
  // The message that rang first shows how it ended, without its buttons.
  if (!isFiring && before?.messageId != null && !before.isShared && outbound.canEdit(target.channel))
    void outbound.edit(target, before.messageId, { lines: standingLines(deps, before, group) });
  return { kind: 'delivered' };
}
