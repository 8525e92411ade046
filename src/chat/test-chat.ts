import { setTimeout as delay } from 'node:timers/promises';
import assert from 'node:assert/strict';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Alert } from '@transaction-guardian/contracts/alert.ts';
import type { Anomaly, MinuteScore } from '@transaction-guardian/contracts/anomaly.ts';
import type { ChatAnswer, ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import type { Delivery } from '@transaction-guardian/contracts/notification.ts';
import type { OnCallSchedule } from '@transaction-guardian/contracts/oncall.ts';
import type { Person } from '@transaction-guardian/contracts/person.ts';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { MinuteState } from '@transaction-guardian/contracts/window.ts';
import { createActsElsewhere } from '../alertmanager/act-elsewhere.ts';
import type { HeldAlertElsewhere, HeldElsewhere } from '../alertmanager/held.ts';
import { createTestSilences, type TestSilences } from '../alertmanager/test-silence-api.ts';
import { DEFAULT_INHIBIT_RULES } from '../alert/inhibit/rules.ts';
import { createInhibit } from '../alert/inhibit/inhibit.ts';
import { createAct } from '../auth/act.ts';
import { createDirectory } from '../auth/directory.ts';
import { createGuessLimit } from '../auth/guess-limit.ts';
import { createSignIn, type AccessKeys } from '../auth/sign-in.ts';
import { createUnknownSenders } from '../auth/unknown-senders.ts';
import { createEmbeddedUnderTest } from '../bus/embedded/bus-under-test.ts';
import { createReadSide } from '../read/read-side.ts';
import { createIncidentService } from '../incident/incident-service.ts';
import { createOnCall } from '../oncall/oncall.ts';
import { catalogueOf, runbookText, script, startTestServer } from '../runbook/test-runbooks.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase, silentLog } from '../store/test-database.ts';
import { writeAlerts } from '../store/verbs/alert/write-alerts.ts';
import { writeAnomalies } from '../store/verbs/anomaly/write-anomalies.ts';
import { writeJudged } from '../store/verbs/detector/write-judged.ts';
import { writeScores } from '../store/verbs/detector/write-scores.ts';
import { addMinuteCounts, type MinuteCountChange } from '../store/verbs/minute/add-minute-counts.ts';
import { addMinuteSlices } from '../store/verbs/minute/minute-slices.ts';
import { writeMinutes } from '../store/verbs/minute/write-minutes.ts';
import { writeServiceStates } from '../store/verbs/uptime/service-states.ts';
import type { LatencyMinute } from '../telemetry/latency-minutes.ts';
import { createFeedbackService } from '../verdict/feedback-service.ts';
import { createBriefingService } from '../briefing/briefing-service.ts';
import type { EscalateOptions } from '../oncall/escalate.ts';
import { createEscalateNow } from '../oncall/escalate-now.ts';
import { createChat, type Chat } from './chat.ts';
import type { ChatData } from './turn.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Saturday 28 November 2026, 03:12:20 in São Paulo: the night shift. */
export const NIGHT = Date.parse('2026-11-28T06:12:20Z');
/** End of the newest closed minute. */
export const CLOSED = Date.parse('2026-11-28T06:12:00Z');
/** A minute so many before the newest closed one ended, as ISO text. */
export const ago = (minutes: number): string => new Date(CLOSED - minutes * MINUTE_MS).toISOString();

/** Counts of one minute by `status` or `status/merchant/acquirer/code`. */
export type Counts = Readonly<Record<string, number>>;
export const CALM: Counts = { approved: 1175, 'denied///51': 60, failed: 12 };

/** An alert of the rules of others. */
export const HOST_DOWN: HeldAlertElsewhere = {
  fingerprint: 'bbbbbbbbbbbbbbb1',
  name: 'HostDown',
  severity: 'critical',
  labels: { alertname: 'HostDown', severity: 'critical', instance: 'db-1' },
  startsAt: '2026-11-28T06:02:00.000Z',
  description: 'db-1 não responde',
  isSuppressed: false,
};

export const PEOPLE: readonly Person[] = [
  { id: 'ana', name: 'Ana', language: 'pt-BR', roles: ['operator'], identities: ['telegram:777'] },
  { id: 'bob', name: 'Bob', language: 'en', roles: ['approver'], identities: ['telegram:888'] },
  { id: 'vera', name: 'Vera', language: 'pt-BR', roles: ['viewer'], identities: ['telegram:999'] },
];
/** Ana and Bob by turns, a night each. */
const SCHEDULES: readonly OnCallSchedule[] = [
  { name: 'night', layers: [{ people: ['ana', 'bob'], starts: '2026-11-27', hand_over: '08:00', every: 'daily', holidays: 'yes' }] },
];
/** Two steps for what is critical, none for anything else. */
const ESCALATION: EscalateOptions = {
  policies: [
    {
      severities: ['critical'],
      steps: [
        { after_minutes: 15, receivers: ['pager'], schedules: [], people: ['bob'] },
        { after_minutes: 30, receivers: ['boss'], schedules: [], people: [] },
      ],
    },
  ],
  quiet: null,
  onCall: async () => [],
  nameOf: (id) => PEOPLE.find((person) => person.id === id)?.name ?? id,
  localeOf: () => 'pt-BR',
  externalUrl: '',
  repeatIntervalMs: 3_600_000,
  groupIntervalMs: 60_000,
};
const NAMES = [
  ['Verificando dependências', 'Checking dependencies'],
  ['Salvando estado atual', 'Saving the present state'],
  ['Reiniciando API', 'Restarting the API'],
  ['Health check', 'Health check'],
];
const step = ([pt, en]: readonly string[], code: string): string =>
  script(code).replace('{ pt-BR: passo, en: step }', `{ pt-BR: ${JSON.stringify(pt)}, en: ${JSON.stringify(en)} }`);
/** The four steps of the contract, as a file. `more`: further lines of it. */
export const restartRunbook = (more: string): string => runbookText('restart-api', NAMES.map((name) => step(name, '1')).join(''), more);
/** As in the contract; one that asks first; one whose second step fails. */
const RUNBOOKS: Readonly<Record<string, string>> = {
  'restart-api': restartRunbook('confirm: none\nalerts: [zero_transactions]'),
  'clear-cache': runbookText('clear-cache', step(['Limpando cache', 'Clearing the cache'], '1'), 'confirm: self'),
  'scale-workers': runbookText(
    'scale-workers',
    step(['Status atual', 'Present state'], '1') + step(['Escalando', 'Scaling'], 'process.exit(3)'),
  ),
};
/** Secrets that a test can tell. */
const KEYS: AccessKeys = {
  linkToken: (id) => `p-${id}.SECRET`,
  linkId: () => null,
  openFor: () => ({ cookie: '', id: '', expiresAt: 0 }),
  endById: () => undefined,
  code: (id) => id,
  codeKey: () => null,
};
const GATEWAY: Actor = {
  id: 'service',
  kind: 'service',
  name: 'gateway',
  claimed_name: null,
  channel: 'api',
  address: '127.0.0.1',
  scopes: ['read', 'write'],
  role: 'admin',
  message_id: null,
};

/** A chat over a database of its own, with a clock that stands still until it is moved. */
export interface ChatUnderTest {
  readonly database: Database;
  readonly clock: { at: number };
  readonly health: { status: Health['status']; checks: Health['checks'] };
  readonly latency: LatencyMinute[];
  /** What Alertmanager holds. */
  held: HeldElsewhere;
  /** Silences of the Alertmanager `am-1`. */
  readonly silences: TestSilences;
  deliveries: Delivery['receivers'];
  forecast: ChatData['forecast'];
  /** Empties everything. */
  reset(): Promise<void>;
  /** Stores closed minutes, the last of which ends `endsAgo` minutes before the newest one, with scores and the judgement. */
  minutes(
    count: number,
    counts: Counts,
    options?: { endsAgo?: number; state?: MinuteState; judged?: boolean; scores?: boolean },
  ): Promise<void>;
  anomalies(...anomalies: readonly Anomaly[]): Promise<void>;
  alerts(...alerts: readonly Alert[]): Promise<void>;
  /** Writes as somebody; `id`: of the message, default a new one. */
  say(text: string, options?: Partial<ChatMessage> & { readonly caller?: Actor; readonly locale?: Locale }): Promise<ChatAnswer>;
  /** Plays a transcript, `> ` before what a person writes, and compares every answer. */
  transcript(lines: string, options?: Partial<ChatMessage> & { readonly locale?: Locale }): Promise<void>;
  close(): Promise<void>;
}

/** Makes it: live, calm and healthy when `calm` is called, empty otherwise. `runbooks`: texts of files by name;
 *  `database`: one that is there already, which `close` closes. */
export async function createChatUnderTest({
  runbooks: files = RUNBOOKS,
  database: given,
}: { readonly runbooks?: Readonly<Record<string, string>>; readonly database?: Database } = {}): Promise<ChatUnderTest> {
  const database = given ?? (await openTestDatabase());
  const under = createEmbeddedUnderTest('inline');
  const bus = await under.open({});
  const clock = { at: NIGHT, now: () => clock.at, monotonic: () => clock.at };
  const settings = {
    timeZone: 'America/Sao_Paulo',
    locale: 'pt-BR',
    liveWithinS: 600,
    lateS: 90,
    behindAfterMinutes: 3,
    instance: 'test',
  } as const;
  const health: ChatUnderTest['health'] = { status: 'healthy', checks: {} };
  const latency: LatencyMinute[] = [];
  const silences = createTestSilences(clock.now);
  let sent = 0;
  const act = createAct({ database, clock });
  const runbooks = startTestServer(database, catalogueOf(files), { clock, people: PEOPLE.map(({ id }) => id) });
  const responding = {
    ...{ act, clock, ackTimeoutMs: 1_800_000, timeZone: settings.timeZone },
    holds: { inhibit: createInhibit(DEFAULT_INHIBIT_RULES), groupIntervalMs: 60_000 },
  };
  // What is read is remembered: each test has a reader of its own.
  const build = (): Chat => {
    const { stats, minutes } = createReadSide({ database, bus, clock, log: silentLog }, settings);
    return createChat({
      data: {
        database,
        clock,
        stats,
        minutes,
        health: () => ({ ...health, uptime: '3d', uptime_seconds: 259_200, version: '0' }),
        forecast: (query) => it.forecast(query),
        heldElsewhere: async () => it.held,
        deliveries: async () => it.deliveries,
        latency: () => latency,
        timeZone: settings.timeZone,
        shifts: [{ name: 'night', start: '00:00', end: '08:00' }],
      },
      acts: {
        feedback: createFeedbackService({ database, clock, act }),
        respond: responding,
        elsewhere: createActsElsewhere({
          ...{ act, clock, database, ackTimeoutMs: responding.ackTimeoutMs, heldElsewhere: async () => it.held },
          instances: [{ name: 'am-1', api: silences }],
        }),
        runbooks,
        oncall: createOnCall({
          ...{ database, clock, act, directory: createDirectory(PEOPLE), schedules: SCHEDULES, timeZone: settings.timeZone, holidays: [] },
        }),
        incidents: createIncidentService({ database, clock, act, timeZone: settings.timeZone }),
        signIn: createSignIn({
          ...{ database, clock, act, directory: createDirectory(PEOPLE), guesses: createGuessLimit(clock) },
          ...{ keys: KEYS, base: () => 'https://guardian.example' },
        }),
        escalate: createEscalateNow({ act, clock, options: ESCALATION }),
        briefings: createBriefingService({
          ...{ database, clock, act, respond: responding, timeZone: settings.timeZone, gather: { pagesBudget: 2, shiftsAWeek: 7 } },
          standing: async () => ({ lastMinute: (await stats.time()).lastMinute, judged: (await stats.read()).judged === 'current' }),
        }),
      },
      directory: createDirectory(PEOPLE),
      unknown: createUnknownSenders({ database, clock }),
    });
  };
  let chat = build();
  const it: ChatUnderTest = {
    database,
    clock,
    health,
    latency,
    held: NOTHING_ELSEWHERE,
    silences,
    deliveries: [],
    forecast: async () => null,
    async reset() {
      await database.exec(
        'truncate minute, minute_count, minute_slice, minute_score, judged, anomaly, alert, feedback, chat_answer, chat_context, service_state, act, alert_response, silence, silence_hit, runbook_run, runbook_confirmation, incident, escalation, escalation_step, briefing, notification, access_link, elsewhere_hold restart identity cascade',
      );
      clock.at = NIGHT;
      Object.assign(health, { status: 'healthy', checks: {} });
      latency.length = 0;
      it.held = NOTHING_ELSEWHERE;
      silences.all.clear();
      silences.isDown = false;
      it.deliveries = [];
      it.forecast = async () => null;
      chat = build();
    },
    minutes: (count, counts, options) => storeMinutes(database, count, counts, options),
    anomalies: (...anomalies) =>
      writeAnomalies(
        database,
        anomalies.map((anomaly, sequence) => ({ v: 1, event: 'opened', sequence, anomaly })),
      ),
    alerts: (...alerts) =>
      writeAlerts(
        database,
        alerts.map((alert) => ({ alert, translations: {}, groupKey: 'g', version: 1 })),
      ),
    say: (text, options) => speak(text, options),
    transcript: (lines, options) => play(lines, options),
    async close() {
      await runbooks.runs.stop();
      await database.close();
      await under.release();
    },
  };
  const speak = (
    text: string,
    { caller = GATEWAY, locale = 'pt-BR', ...message }: Partial<ChatMessage> & { caller?: Actor; locale?: Locale } = {},
  ) => chat.answer(caller, { channel: 'telegram', sender: '777', conversation: '777', message_id: `m${++sent}`, text, ...message }, locale);
  const play = async (lines: string, options: Partial<ChatMessage> & { locale?: Locale } = {}): Promise<void> => {
    const heard: string[] = [];
    for (const text of lines
      .split('\n')
      .filter((line) => line.startsWith('> '))
      .map((line) => line.slice(2))) {
      const answer = await speak(text, options);
      heard.push(`> ${text}\n${answer.blocks.map((block) => block.text).join('\n')}`);
    }
    assert.equal(heard.join('\n\n'), lines.trim());
  };
  return it;
}

/** Thirty days that were healthy but for 13 minutes, 99.97 %. */
export async function recordUptime({ database }: Pick<ChatUnderTest, 'database'>): Promise<void> {
  const from = NIGHT - 30 * DAY_MS;
  const down = NIGHT - 10 * DAY_MS;
  await writeServiceStates(
    database,
    [
      { started_at: from - DAY_MS, ended_at: down, state: 'healthy' },
      { started_at: down, ended_at: down + 12 * MINUTE_MS, state: 'unhealthy' },
      { started_at: down + 12 * MINUTE_MS, ended_at: NIGHT, state: 'healthy' },
    ],
    NIGHT,
  );
}

async function storeMinutes(
  database: Database,
  count: number,
  counts: Counts,
  { endsAgo = 0, state = 'observed', judged = true, scores = true }: Parameters<ChatUnderTest['minutes']>[2] = {},
): Promise<void> {
  const last = CLOSED - (endsAgo + 1) * MINUTE_MS;
  const minutes = Array.from({ length: count }, (_, at) => last - (count - 1 - at) * MINUTE_MS);
  const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
  await writeMinutes(
    database,
    minutes.map((minute) => ({
      minute,
      state,
      total,
      revision: 0,
      late: 0,
      backfill: false,
      alive: true,
      observed: state === 'observed',
      closed_at: minute + MINUTE_MS + 5000,
    })),
  );
  const changes = minutes.flatMap((minute) => Object.entries(counts).map(([cell, n]) => cellOf(minute, cell, n)));
  await database.transaction((tx) => addMinuteCounts(tx, changes));
  await addMinuteSlices(database, changes);
  if (scores)
    await writeScores(
      database,
      minutes.flatMap((minute) => scoresOf(minute, counts)),
    );
  if (judged) await writeJudged(database, last, last + MINUTE_MS + 6000);
}

function cellOf(minute: number, cell: string, count: number): MinuteCountChange {
  const [status = '', merchant_id = '', acquirer = '', auth_code = ''] = cell.split('/');
  return { minute, status, merchant_id, acquirer, auth_code, count, amount: count * 80 };
}

/** What was expected is what came of `CALM`. */
function scoresOf(minute: number, counts: Counts): MinuteScore[] {
  const sum = (of: Counts, status: string) =>
    Object.entries(of).reduce((all, [cell, n]) => (cell.split('/')[0] === status || status === '' ? all + n : all), 0);
  return ['', 'approved', 'denied', 'failed'].map((status) => {
    const [observed, expected] = [sum(counts, status), sum(CALM, status)];
    const width = 3 * Math.sqrt(expected);
    return {
      minute,
      revision: 0,
      node: status === '' ? 'fleet' : `status:${status}`,
      observed,
      expected,
      low: Math.max(0, Math.floor(expected - width)),
      high: Math.ceil(expected + width),
      z_score: (observed - expected) / Math.sqrt(expected),
      ml_score: 0.1,
      score: 0.1,
      state: 'normal',
    };
  });
}

const NOTHING_ELSEWHERE: HeldElsewhere = { alerts: [], absent: [], hasOurs: false };

/** An anomaly that began so many minutes ago; `lasted`: it is over. */
export function anomalyOf(id: string, beganAgo: number, lasted: number | null, fields: Partial<Anomaly> = {}): Anomaly {
  const started = ago(beganAgo);
  const ended = lasted === null ? null : ago(beganAgo - lasted);
  const figures = {
    minute: started,
    observed: 620,
    expected: 1247,
    expected_low: 1141,
    expected_high: 1353,
    z_score: -2.8,
    ml_score: 0.87,
    p_value: 1e-9,
  };
  return {
    id,
    type: 'low_volume',
    status: lasted === null ? 'open' : 'resolved',
    severity: 'critical',
    node: { kind: 'fleet' },
    slice: { share: 0 },
    started_at: started,
    detected_at: started,
    updated_at: ended ?? ago(0),
    resolved_at: ended,
    duration_minutes: lasted ?? beganAgo,
    ...figures,
    peak: figures,
    lost_transactions: 0,
    reasons: [],
    detector_version: '1',
    model_version: '1',
    config_hash: '1',
    backfill: false,
    ...fields,
  };
}

/** The alert of an anomaly. */
export function alertOf(anomaly: Anomaly, fingerprint: string): Alert {
  const { type, severity, started_at, resolved_at, updated_at, id, status } = anomaly;
  const { kind: _kind, ...slice } = anomaly.node;
  return {
    fingerprint,
    status: status === 'open' ? 'firing' : 'resolved',
    name: 'GuardianAlert',
    type,
    severity,
    summary: '',
    description: 'x',
    action: '',
    runbook: null,
    slice,
    labels: { alertname: 'GuardianAlert', severity, type, ...slice, service: 'transaction-guardian' },
    annotations: {},
    starts_at: started_at,
    ends_at: resolved_at,
    updated_at,
    anomaly_id: id,
    backfill: false,
  };
}

/** The text of an answer; of a run that a busy machine takes longer for than an answer waits, that of its end. */
export async function textOfEnded(it: ChatUnderTest, text: string, options: Parameters<ChatUnderTest['say']>[1] = {}): Promise<string> {
  const told = (await it.say(text, options)).blocks.map((block) => block.text).join('\n');
  if (!told.includes('⏳')) return told;
  await delay(50);
  return textOfEnded(it, 'andamento', options);
}
