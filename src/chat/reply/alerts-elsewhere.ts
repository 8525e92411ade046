import { isTextKey } from '@transaction-guardian/contracts/text/text.ts';
import type { HeldAlertElsewhere, HeldElsewhere, HoldElsewhere } from '../../alertmanager/held.ts';
import type { ShownElsewhere } from '../talk.ts';
import type { Turn } from '../turn.ts';
import { agoText } from './figures.ts';
import { foreignText, nameText } from './name-text.ts';
import { tree } from './reply.ts';

/** Alerts of others in one answer. */
const MOST = 20;
const MARKS: Readonly<Record<string, string>> = { critical: '🔴', warning: '🟡', info: '🔵' };
const ORDER: readonly string[] = ['critical', 'warning', 'info'];

/** What Alertmanager adds to a list of ours. */
export interface ElsewhereParts {
  /** Alerts that only Alertmanager holds. */
  readonly count: number;
  /** Those that are listed, in order. */
  readonly listed: readonly ShownElsewhere[];
  /** Blocks after the list of ours. */
  readonly blocks: readonly string[];
  /** Fingerprints of ours that it does not hold, although it should. */
  readonly missing: ReadonlySet<string>;
}

/** Alerts of rules of others, which stand apart from ours, numbered after them; and which Alertmanager does not answer. `own`:
 *  fingerprints of all of ours that fire. `after`: how many of ours are listed. `holds`: what keeps some of them quiet. */
export function elsewhereParts(
  turn: Turn,
  held: HeldElsewhere | null,
  { own, after, holds }: { readonly own: ReadonlySet<string>; readonly after: number; readonly holds: readonly HoldElsewhere[] },
): ElsewhereParts {
  if (held === null) return { count: 0, listed: [], blocks: [], missing: new Set() };
  const { say } = turn;
  const others = othersIn(held, own);
  const there = new Set((held.alerts ?? []).map(({ fingerprint }) => fingerprint));
  const isMissing = held.hasOurs && held.alerts !== null;
  const names = held.absent.map(nameText).join(', ');
  const listed = others.slice(0, MOST);
  const holdOf = (one: HeldAlertElsewhere) => holds.find(({ fingerprint }) => fingerprint === one.fingerprint);
  return {
    count: others.length,
    listed: listed.map(({ fingerprint, name }) => ({ fingerprint, elsewhere: name })),
    blocks: [
      ...(others.length === 0
        ? []
        : [
            say('chat.alerts.elsewhere', { n: others.length }),
            ...listed.map((one, at) => oneText(turn, one, { number: after + at + 1, hold: holdOf(one) })),
          ]),
      ...(others.length > MOST ? [say('chat.alerts.more', { n: others.length - MOST })] : []),
      ...(held.absent.length === 0
        ? []
        : [`⚠️ ${say(held.alerts === null ? 'chat.alerts.am_absent' : 'chat.alerts.am_partly', { names })}`]),
    ],
    missing: isMissing ? new Set([...own].filter((fingerprint) => !there.has(fingerprint))) : new Set(),
  };
}

/** Alerts that only Alertmanager has, the worst first. `own`: fingerprints of all of ours that fire. Pure. */
export function othersIn({ alerts }: HeldElsewhere, own: ReadonlySet<string>): HeldAlertElsewhere[] {
  return (alerts ?? [])
    .filter(({ fingerprint, name }) => !own.has(fingerprint) && name !== 'DeadMan')
    .toSorted((a, b) => rank(a) - rank(b) || Date.parse(b.startsAt) - Date.parse(a.startsAt));
}

function rank({ severity }: HeldAlertElsewhere): number {
  const at = ORDER.indexOf(severity);
  return at === -1 ? ORDER.length : at;
}

function oneText(
  { say, locale, now }: Turn,
  { name, severity, startsAt, description, isSuppressed }: HeldAlertElsewhere,
  { number, hold }: { readonly number: number; readonly hold: HoldElsewhere | undefined },
): string {
  const key = `anomaly.severity.${severity}`;
  return tree(`${MARKS[severity] ?? '⚪'} ${nameText(name)} #${number}`, [
    `${say('chat.alerts.severity')}: ${isTextKey(key) ? say(key) : nameText(severity === '' ? '-' : severity)}`,
    `${say('chat.alerts.start')}: ${say('chat.at', { at: startsAt })} (${agoText(locale, now - Date.parse(startsAt))})`,
    ...(hold === undefined ? [] : [holdLine(say, hold)]),
    ...(isSuppressed && hold === undefined ? [`🔕 ${say('chat.alerts.suppressed')}`] : []),
    ...(description === '' ? [] : [`${say('chat.alerts.description')}: ${foreignText(description).replaceAll('\n', ' ')}`]),
  ]);
}

function holdLine(say: Turn['say'], { kind, by, at, until }: HoldElsewhere): string {
  if (kind === 'acknowledge') return `👤 ${say('chat.alerts.owner', { by: nameText(by), at })}`;
  return kind === 'snooze'
    ? `💤 ${say('chat.alerts.snoozed', { until })}`
    : `🔕 ${say('chat.silences.until', { by: nameText(by), until })}`;
}
