import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { seededNumbers } from '../../src/detect/forest/random.ts';
import { poisson } from '../e2e/traffic.ts';
import { waitFor } from '../e2e/product.ts';
import { createAlertmanager, noAlertmanager } from './alertmanager.ts';
import { cannotRun, OWNER, startNight, type Night } from './night.ts';
import type { PhoneMessage } from './phone.ts';

/** Alerts, questions and the flood of a run; docs/clawdbot.md has the figures of 100, 200 and 1,000. */
const ALERTS = Number(process.env['CLAWDBOT_ALERTS'] ?? 5);
const QUESTIONS = Number(process.env['CLAWDBOT_QUESTIONS'] ?? 10);
const FLOOD = Number(process.env['CLAWDBOT_FLOOD'] ?? 100);

const MINUTE_MS = 60_000;
const START = Date.parse('2026-03-10T00:00:00Z');
/** Each alert is of another one: a second alert of one answers the message about the first. */
const MERCHANTS = Math.max(40, ALERTS + 20);
const LEARNING_MINUTES = 300;
/** Minutes between two bad ones. */
const CALM_MINUTES = 6;
/** A bad minute that is not reported yet is followed by another one. */
const MOST_BAD_MINUTES = 10;
const BODY_LINES = 10_000;
/** `window.late_s`, 90 s, in whole minutes: history waits for records that are so late before a minute closes. */
const LATE_MINUTES = 2;

/** Milliseconds. */
function quantiles(samples: readonly number[]): { readonly n: number; readonly p50: number; readonly p99: number; readonly worst: number } {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
  return { n: sorted.length, p50: at(0.5), p99: at(0.99), worst: at(1) };
}

/** A company whose minutes are posted one after the other. */
function createCompany({ guardian }: Night) {
  const random = seededNumbers(7).next;
  let minute = 0;
  /** When the records came that close a minute, by its event time. */
  const closedAt = new Map<number, number>();
  const linesOf = (sick: number | null): string[] =>
    Array.from({ length: MERCHANTS }, (_merchant, n) => {
      const timestamp = new Date(START + minute * MINUTE_MS).toISOString();
      const means = n === sick ? { approved: 12, denied: 30 } : { approved: 40, denied: 2 };
      return Object.entries(means).map(([status, mean]) =>
        JSON.stringify({ id: `${minute}-${n}-${status}`, timestamp, status, merchant_id: `m-${n}`, count: poisson(mean, random) }),
      );
    }).flat();
  return {
    closedAt,
    async pass(minutes: number, sick: number | null = null): Promise<void> {
      const lines: string[] = [];
      const first = minute;
      for (const last = minute + minutes; minute < last; minute += 1) lines.push(...linesOf(sick));
      for (let from = 0; from < lines.length; from += BODY_LINES) {
        const body = lines.slice(from, from + BODY_LINES).join('\n');
        const now = Date.now();
        for (let at = first; at < minute; at += 1) closedAt.set(START + (at - 1 - LATE_MINUTES) * MINUTE_MS, now);
        const answer = await guardian().post('/transactions/batch', body, { 'content-type': 'application/x-ndjson' });
        assert.equal(answer.status, 202, await answer.text());
      }
    },
  };
}

interface Listed {
  readonly notifications: readonly { readonly provider_message_id: string | null; readonly alerts: readonly AlertRef[] }[];
  readonly anomalies: readonly { readonly started_at: string; readonly detected_at: string }[];
}
interface AlertRef {
  readonly status: string;
  readonly starts_at: string;
}

async function listAll<T>(night: Night, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: T[]; next_cursor: string | null } = await night
      .guardian()
      .get(`/api/v1/${path}?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

/** Milliseconds from the request that closed the minute in which an anomaly was detected to the message about it, for each message
 *  that began one. */
function delaysOf(messages: readonly PhoneMessage[], closedAt: ReadonlyMap<number, number>, listed: Listed): number[] {
  const detectedAt = new Map(listed.anomalies.map(({ started_at, detected_at }) => [Date.parse(started_at), Date.parse(detected_at)]));
  return messages.flatMap((message) => {
    // What changes a message later has its id too, and a part of its own; the message began with what was detected first.
    const about = listed.notifications.filter((one) => one.provider_message_id?.split('#')[0] === String(message.id));
    const closes = about
      .flatMap(({ alerts }) => alerts)
      .filter(({ status }) => status === 'firing')
      .flatMap((alert) => closedAt.get(detectedAt.get(Date.parse(alert.starts_at)) ?? 0) ?? []);
    return closes.length === 0 ? [] : [message.at - Math.min(...closes)];
  });
}

test('from the end of a bad minute to the phone', { timeout: 3 * 3_600_000, skip: cannotRun }, async (t) => {
  const night = await startNight(t, { plugin: { messagesPerMinute: 100_000 } });
  const pages = (): PhoneMessage[] => night.telegram.messages(OWNER).filter(({ text }) => text.includes('Sistema: Transaction Guardian'));
  const company = createCompany(night);
  await company.pass(LEARNING_MINUTES);
  let missed = 0;
  for (let alert = 0; alert < ALERTS; alert += 1) {
    const known = pages().filter(({ replyTo }) => replyTo === null).length;
    const hasCome = (): boolean => pages().filter(({ replyTo }) => replyTo === null).length > known;
    for (let bad = 0; bad < MOST_BAD_MINUTES && !hasCome(); bad += 1) {
      await company.pass(1, alert);
      for (let slept = 0; slept < 800 && !hasCome(); slept += 50) await wait(50);
    }
    missed += hasCome() ? 0 : 1;
    await company.pass(CALM_MINUTES);
  }
  await waitFor(async () => (pages().filter(({ replyTo }) => replyTo === null).length >= ALERTS ? true : undefined));
  const begun = pages().filter(({ replyTo }) => replyTo === null);
  // A receipt may be a moment later than its message.
  await wait(3000);
  const listed = {
    notifications: await listAll<Listed['notifications'][number]>(night, 'notifications'),
    anomalies: await listAll<Listed['anomalies'][number]>(night, 'anomalies'),
  };
  const delays = delaysOf(begun, company.closedAt, listed);
  t.diagnostic(JSON.stringify({ what: 'minute to phone', alerts: begun.length, missed, ...quantiles(delays) }));
  assert.equal(missed, 0);
  assert.ok(delays.length >= ALERTS, JSON.stringify(listed.notifications.slice(0, 5)));
  assert.ok(delays.every((delay) => delay > 0));
});

test('from a question to its answer', { timeout: 3_600_000, skip: cannotRun }, async (t) => {
  const night = await startNight(t);
  const company = createCompany(night);
  await company.pass(120);
  const questions = ['status', 'alertas', 'anomalias última hora', 'ajuda', 'briefing'];
  const samples: number[] = [];
  for (let asked = 0; asked < QUESTIONS; asked += 1) {
    const known = night.telegram.messages(OWNER).length;
    const startedAt = Date.now();
    const { at } = await night.say(OWNER, questions[asked % questions.length] ?? 'status');
    samples.push(at - startedAt);
    assert.equal(night.telegram.messages(OWNER).length, known + 1);
  }
  t.diagnostic(JSON.stringify({ what: 'question to answer', ...quantiles(samples) }));
});

test(
  'a thousand alerts in a minute are few messages, and nothing critical is hidden',
  { timeout: 3_600_000, skip: cannotRun || noAlertmanager },
  async (t) => {
    const night = await startNight(t);
    const alertmanager = await createAlertmanager(t, night);
    await alertmanager.start();
    await flood(t, night, alertmanager);
  },
);

async function flood(t: TestContext, night: Night, alertmanager: Awaited<ReturnType<typeof createAlertmanager>>): Promise<void> {
  const perSecond = 1000 / 60;
  const isCritical = (n: number): boolean => n % Math.ceil(FLOOD / 10) === Math.ceil(FLOOD / 20);
  const nameOf = (n: number): string => `Flood${String(n).padStart(4, '0')}x`;
  const alerts = Array.from({ length: FLOOD }, (_alert, n) => ({ name: nameOf(n), severity: isCritical(n) ? 'critical' : 'warning' }));
  const shows = (name: string): boolean => night.telegram.messages(OWNER).some(({ text }) => text.includes(`${name} detected`));
  const pushedAt = new Map<string, number>();
  const shownAfter = new Map<string, number>();
  const look = (): void => {
    for (const [name, at] of pushedAt) if (!shownAfter.has(name) && shows(name)) shownAfter.set(name, Date.now() - at);
  };
  const begunAt = Date.now();
  for (let sent = 0; sent < FLOOD;) {
    const due = Math.min(FLOOD, Math.ceil(((Date.now() - begunAt) / 1000) * perSecond) + 1);
    const batch = alerts.slice(sent, due);
    if (batch.length > 0) await alertmanager.push(...batch);
    for (const { name, severity } of batch) if (severity === 'critical') pushedAt.set(name, Date.now());
    sent = due;
    look();
    await wait(100);
  }
  const tookS = Math.round((Date.now() - begunAt) / 1000);
  const total = await waitFor(async () => {
    look();
    // Those with a message of their own, and the number in the title of the one about all others.
    const messages = night.telegram.messages(OWNER);
    const own = messages.filter(({ text }) => /^<b>(🚨|⚠️).* detected<\/b>/.test(text)).length;
    const together = messages.map(({ text }) => Number(/Muitos alertas: (\d+) grupos/.exec(text)?.[1] ?? 0));
    return own + Math.max(0, ...together) >= FLOOD ? { own, messages } : undefined;
  });
  const calls = night.telegram.calls.filter(({ method }) => method === 'editMessageText').length;
  t.diagnostic(
    JSON.stringify({
      what: 'flood',
      ...{ alerts: FLOOD, tookS, messages: total.messages.length, own: total.own, edits: calls },
      critical: quantiles([...shownAfter.values()]),
    }),
  );
  assert.equal(shownAfter.size, pushedAt.size, 'everything critical was on the phone');
  // Five of their own, then one that is changed, and one every 20 s at most since something critical has joined.
  assert.ok(total.messages.length <= 6 + Math.ceil(tookS / 20) + 2, String(total.messages.length));
  const last = total.messages.at(-1)?.text ?? '';
  for (const name of pushedAt.keys()) assert.ok(shows(name), `${name} is not hidden at the end: ${last}`);
}
