import type { AnomalyEvent, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { createAlertHarness, type AlertHarness } from '../../src/alert/test-harness.ts';
import { makeBriefings } from '../../src/briefing/make-briefings.ts';
import { createChatUnderTest, recordUptime, restartRunbook, type ChatUnderTest } from '../../src/chat/test-chat.ts';
import { createDetector } from '../../src/detect/engine/create-detector.ts';
import { drawWindow, seeded, usualRates, windowOf, ZONE, type Rate } from '../../src/detect/engine/test-traffic.ts';
import { keepIncidents } from '../../src/incident/keep-incidents.ts';
import { writeAnomalies } from '../../src/store/verbs/anomaly/write-anomalies.ts';
import { writeJudged } from '../../src/store/verbs/detector/write-judged.ts';
import { writeScores } from '../../src/store/verbs/detector/write-scores.ts';
import { addMinuteCounts } from '../../src/store/verbs/minute/add-minute-counts.ts';
import { addMinuteSlices } from '../../src/store/verbs/minute/minute-slices.ts';
import { writeMinutes } from '../../src/store/verbs/minute/write-minutes.ts';

const MINUTE = 60_000;
/** 12:00 in São Paulo: the detector knows the day when the night begins. */
const NOON = Date.parse('2026-11-27T15:00:00Z');
export const MIDNIGHT = Date.parse('2026-11-28T03:00:00Z');
/** A minute closes so long after its end. */
const CLOSES_MS = 5000;
/** 1,247 transactions a minute. */
export const CALM: readonly Rate[] = usualRates({}, 12.47);

/** A night with the real detector, alert stage, chat, runbooks, incidents and briefings, whose clock and traffic the test moves. */
export interface Night {
  readonly chat: ChatUnderTest;
  /** Lets minutes pass with traffic of these rates, each with what the program does in it; null: nobody is heard. */
  pass(minutes: number, rates?: readonly Rate[]): Promise<void>;
  /** What arrived on the phone since it was asked last. */
  phone(): { readonly at: number; readonly text: string }[];
  /** Lets seconds of the clock pass, in which people read and type. */
  wait(seconds: number): void;
  close(): Promise<void>;
}

/** Makes it, at midnight in São Paulo after twelve calm hours. `locale`: that of what comes by itself. */
export async function createNight(locale: Locale = 'pt-BR'): Promise<Night> {
  const chat = await createChatUnderTest({ runbooks: { 'restart-api': restartRunbook('confirm: self\nalerts: [zero_transactions]') } });
  const { database, clock } = chat;
  await chat.reset();
  const alerts = await createAlertHarness(database, undefined, { locale });
  await recordUptime(chat);
  const detector = createDetector({ timeZone: ZONE });
  const random = seeded(11);
  const arrived: { at: number; text: string }[] = [];
  let [index, read] = [0, 0];

  /** Draws, judges and stores minutes. */
  async function judge(minutes: number, rates: readonly Rate[]): Promise<AnomalyEvent[]> {
    const windows: ClosedWindow[] = [];
    const [events, scores]: [AnomalyEvent[], MinuteScore[]] = [[], []];
    for (let n = 0; n < minutes; n += 1, index += 1) {
      const window = rates.length === 0 ? windowOf(index, [], 'zero', NOON) : drawWindow(random, index, rates, NOON);
      const result = detector.step(window);
      windows.push(window);
      events.push(...result.events);
      scores.push(...result.scores);
    }
    await store(chat, { windows, events, scores });
    return events;
  }

  async function work(events: readonly AnomalyEvent[]): Promise<void> {
    clock.at = NOON + index * MINUTE + CLOSES_MS;
    alerts.now = clock.at;
    if (events.length > 0) await alerts.publish(...events);
    await database.transaction((tx) => keepIncidents(tx, clock.at, { openAfterMs: 900_000, quietMs: 600_000 }));
    await database.transaction((tx) => makeBriefings(tx, clock.at, { ...BRIEFING, localeOf: () => locale }));
    await alerts.advance(0);
    await alerts.advance(5000);
    clock.at = alerts.now;
    take(alerts);
  }

  function take({ sent }: AlertHarness): void {
    for (const { message } of sent.slice(read)) {
      const [alert] = [...message.firing, ...message.resolved];
      arrived.push({ at: clock.at, text: alert?.annotations['message'] ?? '' });
    }
    read = sent.length;
  }

  await judge((MIDNIGHT - NOON) / MINUTE - 1, CALM);
  const night: Night = {
    chat,
    async pass(minutes, rates = CALM) {
      for (let n = 0; n < minutes; n += 1) await work(await judge(1, rates));
    },
    phone: () => arrived.splice(0),
    wait(seconds) {
      clock.at += seconds * 1000;
      alerts.now = clock.at;
    },
    async close() {
      await alerts.release();
      await chat.close();
    },
  };
  return night;
}

const BRIEFING = {
  shifts: [{ name: 'night', start: '00:00', end: '08:00' }],
  timeZone: ZONE,
  receivers: ['clawdbot'],
  externalUrl: '',
  gather: { pagesBudget: 2, shiftsAWeek: 7 },
  lateMs: 90_000,
  judged: true,
} as const;

async function store(
  { database }: ChatUnderTest,
  { windows, events, scores }: { windows: readonly ClosedWindow[]; events: readonly AnomalyEvent[]; scores: readonly MinuteScore[] },
): Promise<void> {
  const cells = windows.flatMap(({ minute, cells: counts }) =>
    counts.map(({ status, auth_code, merchant_id, acquirer, count }) => ({
      minute,
      status,
      auth_code,
      merchant_id,
      acquirer,
      count,
      amount: count * 80,
    })),
  );
  await writeMinutes(
    database,
    windows.map(({ minute, state, cells: counts }) => {
      const total = counts.reduce((sum, { count }) => sum + count, 0);
      const flags = { revision: 0, late: 0, backfill: false, alive: true, observed: state === 'observed' };
      return { minute, state, total, ...flags, closed_at: minute + MINUTE + CLOSES_MS };
    }),
  );
  await database.transaction((tx) => addMinuteCounts(tx, cells));
  await addMinuteSlices(database, cells);
  await writeAnomalies(database, events);
  await writeScores(database, scores);
  const last = windows.at(-1)?.minute ?? 0;
  await writeJudged(database, last, last + MINUTE + CLOSES_MS);
}
