import { join } from 'node:path';
import { pino } from 'pino';
import { createChatUnderTest, type ChatUnderTest } from '../src/chat/test-chat.ts';
import { MINUTE_MS, systemClock } from '../src/clock.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPglite } from '../src/store/pglite/open-pglite.ts';
import { writeJudged } from '../src/store/verbs/detector/write-judged.ts';
import { inTemporaryDirectory, quantile, type BenchContext, type BenchResult } from './bench.ts';
import { fillMinutes } from './store/fill-minutes.ts';

const END = Date.parse('2026-11-28T06:12:00Z');
const HOUR_MS = 3_600_000;

/** What the chat takes to answer over ten million stored rows, beside the plain query behind each answer. */
export function run({ quick }: BenchContext): Promise<readonly BenchResult[]> {
  const merchants = quick ? 1000 : 10_000;
  const minutes = quick ? 120 : 500;
  return inTemporaryDirectory(async (directory) => {
    const log = pino({ level: 'silent' });
    const database = await openPglite({ dir: join(directory, 'database'), log, clock: systemClock });
    await migrate({ database, log, clock: systemClock });
    await fillMinutes(database, { from: END - minutes * MINUTE_MS, minutes, merchants });
    await writeJudged(database, END - MINUTE_MS, END);
    const chat = await createChatUnderTest({ database });
    try {
      const [size] = await database.query<{ n: number }>('select count(*)::bigint as n from minute_count');
      const results: BenchResult[] = [];
      for (const asked of ASKED) results.push(...(await measure(chat, asked, { rows: size?.n ?? 0, rounds: quick ? 10 : 60 })));
      return results;
    } finally {
      await chat.close();
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
    says: /Nenhuma anomalia/,
    query: 'select minute, state from minute where minute >= $1 and minute < $2',
    params: [END - 2 * HOUR_MS, END],
  },
  {
    name: 'briefing of eight hours',
    text: 'briefing',
    says: /Total TX: [\d.]+/,
    query: `select sum(count) from minute_count where status = 'approved' and minute >= $1 and minute < $2`,
    params: [END - 8 * HOUR_MS, END],
  },
];

async function measure(chat: ChatUnderTest, asked: Asked, { rows, rounds }: { rows: number; rounds: number }): Promise<BenchResult[]> {
  const [answers, plain]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const before = performance.now();
    const { blocks } = await chat.say(asked.text);
    answers.push(performance.now() - before);
    if (!asked.says.test(blocks[0]?.text ?? '')) throw new Error(`${asked.text}: ${blocks[0]?.text}`);
    const begun = performance.now();
    await chat.database.query(asked.query, [...asked.params]);
    plain.push(performance.now() - begun);
  }
  return [0.5, 0.99].map((share) => {
    const [value, reference] = [quantile(answers, share), quantile(plain, share)];
    return {
      name: `${asked.name}, p${share * 100}`,
      value,
      unit: 'ms',
      better: 'lower' as const,
      reference: { name: 'plain query', value: reference },
      details: { rows, rounds, ratio: Math.round((value / reference) * 10) / 10 },
    };
  });
}
