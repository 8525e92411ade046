import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import { MINUTE_MS, systemClock } from '../src/clock.ts';
import type { Database } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPglite } from '../src/store/pglite/open-pglite.ts';
import { writeJudged } from '../src/store/verbs/detector/write-judged.ts';
import { freePort } from '../test/e2e/free-port.ts';
import { inTemporaryDirectory, quantile, type BenchContext, type BenchResult } from './bench.ts';
import { awaitAnswer, launchServer } from './process/server-process.ts';
import { fillMinutes } from './store/fill-minutes.ts';
import { fillStorm } from './store/fill-storm.ts';

const END = Date.parse('2026-11-28T06:12:00Z');
const HOUR_MS = 3_600_000;
const START_MS = 600_000;
/** Alerts that fire. */
const STORM = 1000;
/** An answer that is later leaves somebody waiting in the night. */
const MOST_MS = 3000;

/** What the running program takes to answer `POST /chat` over ten million stored rows while 1,000 alerts fire, beside the plain query behind each answer: that
 *  one in a process of its own on the same database, before the program starts. */
export function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const merchants = quick ? 1000 : 10_000;
  const minutes = quick ? 120 : 500;
  const rounds = quick ? 10 : 60;
  return inTemporaryDirectory(async (directory) => {
    const log = pino({ level: 'silent' });
    const database = await openPglite({ dir: join(directory, 'database'), log, clock: systemClock });
    await migrate({ database, log, clock: systemClock });
    await fillMinutes(database, { from: END - minutes * MINUTE_MS, minutes, merchants });
    await writeJudged(database, END - MINUTE_MS, END);
    await fillStorm(database, STORM);
    const [size] = await database.query<{ n: number }>('select count(*)::bigint as n from minute_count');
    const plain = new Map<Asked, readonly number[]>();
    for (const asked of ASKED) plain.set(asked, await timePlain(database, asked, rounds));
    await database.close();
    const server = launchServer(directory, await freePort());
    try {
      await awaitAnswer(server.address, '/ready', ({ ok }) => ok, START_MS);
      const results: BenchResult[] = [];
      for (const asked of ASKED)
        results.push(
          ...figuresOf(asked, await timeChat(server.address, asked, rounds), plain.get(asked) ?? [], { rows: size?.n ?? 0, rounds }),
        );
      results.push(await timeStorm(server.address, directory));
      return results;
    } finally {
      await server.stop();
    }
  });
}

interface Asked {
  readonly name: string;
  readonly text: string;
  /** What the answer is in, so that a wrong one is no figure. */
  readonly says: RegExp;
  readonly query: string;
  readonly params: readonly (string | number)[];
}

const ASKED: readonly Asked[] = [
  {
    name: 'volume of the last hour',
    text: 'volume',
    says: /^📈 Volume\n├── Agora: [\d.]+/,
    query: 'select minute, sum(count) from minute_slice where minute >= $1 and minute < $2 group by minute',
    params: [END - HOUR_MS, END],
  },
  {
    name: 'volume of one merchant',
    text: 'volume do lojista m-00007',
    says: /lojista m-00007\n├── Agora: [\d.]+/,
    query: 'select minute, sum(count) from minute_count where merchant_id = $3 and minute >= $1 and minute < $2 group by minute',
    params: [END - HOUR_MS, END, 'm-00007'],
  },
  {
    name: 'anomalies of two hours',
    text: 'anomalias últimas 2 horas',
    says: /^🔍 Anomalias/,
    query: 'select minute, state from minute where minute >= $1 and minute < $2',
    params: [END - 2 * HOUR_MS, END],
  },
  {
    name: 'alerts of a storm',
    text: 'alertas',
    says: /^🚨 1\.000 Alertas Ativos/,
    query: `select body from alert where status = 'firing' order by starts_at desc limit 50`,
    params: [],
  },
  {
    name: 'status in a storm',
    text: 'status',
    says: /Alertas ativos: 1\.000/,
    query: `select count(*) from alert where status = 'firing'`,
    params: [],
  },
  {
    name: 'briefing of eight hours',
    text: 'briefing',
    says: /Total TX: [\d.]+/,
    query: `select sum(count) from minute_slice where status = 'approved' and minute >= $1 and minute < $2`,
    params: [END - 8 * HOUR_MS, END],
  },
];

async function timePlain(database: Database, { query, params }: Asked, rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    await database.query(query, [...params]);
    times.push(performance.now() - begun);
  }
  return times;
}

/** Milliseconds from a message to its answer, as a gateway on this machine sees them. */
async function timeChat(
  address: string,
  { text, says }: Pick<Asked, 'text' | 'says'>,
  rounds: number,
  more: Readonly<Record<string, string>> = {},
): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const body = JSON.stringify({ channel: 'cli', sender: 'cli', conversation: 'bench', message_id: `${text} ${round}`, text });
    const begun = performance.now();
    const response = await fetch(`${address}/api/v1/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': 'pt-BR', ...more },
      body,
    });
    const answer = (await response.json()) as ChatAnswer;
    times.push(performance.now() - begun);
    const told = answer.blocks?.[0]?.text ?? JSON.stringify(answer);
    if (!says.test(told)) throw new Error(`${text}: ${told}`);
  }
  return times;
}

/** One acknowledgement of all of the storm, by somebody who may act. */
async function timeStorm(address: string, directory: string): Promise<BenchResult> {
  const token = (await readFile(join(directory, 'service-token'), 'utf8')).trim();
  const asked = { text: 'estou acordado', says: /^☕ Certo\. ✅ 1\.000 alertas/ };
  const [value = 0] = await timeChat(address, asked, 1, { authorization: `Bearer ${token}` });
  return {
    name: `acknowledgement of ${STORM} alerts`,
    value,
    unit: 'ms',
    better: 'lower',
    reference: { name: 'most that an answer may take', value: MOST_MS },
    details: { alerts: STORM },
  };
}

function figuresOf(
  { name }: Asked,
  answers: readonly number[],
  plain: readonly number[],
  { rows, rounds }: { readonly rows: number; readonly rounds: number },
): BenchResult[] {
  return [0.5, 0.95, 0.99].map((share) => {
    const [value, reference] = [quantile(answers, share), quantile(plain, share)];
    return {
      name: `${name}, p${share * 100}`,
      value,
      unit: 'ms',
      better: 'lower' as const,
      reference: { name: 'plain query', value: reference },
      details: { rows, rounds, ratio: Math.round((value / reference) * 10) / 10 },
    };
  });
}
