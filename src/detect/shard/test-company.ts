import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';
import { VERDICTS } from '@transaction-guardian/contracts/verdict.ts';
import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { sliceCounts } from '../../topic/slice-counts.ts';
import { endingOf, noticeOf } from '../feedback/test-notice.ts';
import { drawWindow, seeded, START, usualRates, windowOf, type Rate } from '../engine/test-traffic.ts';
import { createShard } from './create-shard.ts';
import type { ShardLink, ShardReply } from './shard-message.ts';

type Random = ReturnType<typeof seeded>;

const MERCHANTS = 24;
const ACQUIRERS = 3;
/** Minutes of calm at the beginning, and between two things that go wrong. */
const CALM = 60;
/** Most that a correction is late, minutes. */
const LATE_MOST = 9;
/** Minutes of a pause in which names that came once are forgotten. */
const PAUSE = 1560;

/** Something that goes wrong from a minute on: factors by status for a merchant, null where nothing is wrong with it. */
interface Trouble {
  readonly from: number;
  readonly to: number;
  readonly factors: (merchant: number, index: number) => Readonly<Record<string, number>> | null;
}

/** What may go wrong, each with merchants and strength of its own. */
function troubleOf(random: Random, from: number): Trouble {
  const to = from + 8 + random.below(25);
  const one = random.below(MERCHANTS);
  const acquirer = random.below(ACQUIRERS);
  const strength = 3 + random.below(30);
  const kinds: Trouble['factors'][] = [
    () => ({ all: 0.05 }),
    (_merchant, index) => ({ all: Math.max(0.3, 1 - (index - from) / 20) }),
    (merchant) => (merchant === one ? { denied: strength, approved: 0.6 } : null),
    (merchant) => (merchant === one ? { all: 0 } : null),
    (merchant) => (merchant === one ? { all: strength } : null),
    (merchant) => (merchant % ACQUIRERS === acquirer ? { failed: 40 * strength, approved: 0.3 } : null),
    (merchant) => (merchant % 2 === 0 ? { reversed: strength, failed: 3 * strength } : null),
    () => ({ denied: 2 + strength / 10 }),
  ];
  return { from, to, factors: kinds[random.below(kinds.length)] as Trouble['factors'] };
}

function ratesAt(index: number, troubles: readonly Trouble[]): Rate[] {
  const running = troubles.filter(({ from, to }) => index >= from && index < to);
  return Array.from({ length: MERCHANTS }, (_, merchant) => {
    const factors = Object.assign({}, ...running.map((trouble) => trouble.factors(merchant, index))) as Record<string, number>;
    // One in four is ten times as large.
    return usualRates(factors, merchant % 4 === 0 ? 0.4 : 0.04).map((rate) => ({
      ...rate,
      mean: rate.mean,
      merchant_id: `m-${merchant}`,
      acquirer: `a-${merchant % ACQUIRERS}`,
      auth_code: rate.status === 'denied' ? '51' : rate.status === 'failed' ? '91' : '00',
    }));
  }).flat();
}

function withSlices(window: ClosedWindow): ClosedWindow {
  const parts = window.cells.map((cell) => ({ ...cell, payment_method: 'pix', card_bin: '', currency: 'BRL', amount: cell.count * 10 }));
  return parts.length === 0 ? window : { ...window, slices: sliceCounts(parts) };
}

/** What a detector is given: a window, or what somebody says about an anomaly that it reported. */
export type Given = { readonly window: ClosedWindow } | { readonly notice: FeedbackNotice };

/** A company by the minute: its usual traffic and what goes wrong, single names that come once, minutes without data and pauses, late rows as
 *  whole and as partial corrections, and people who say what they think of what was reported. The same seed gives the same
 *  messages, as long as `reported` is the same. */
export function* companyOf(seed: number, minutes: number, reported: () => readonly Anomaly[]): Generator<Given> {
  const random = seeded(seed);
  const troubles: Trouble[] = [];
  for (let from = CALM + random.below(20); from < minutes; from += CALM - 20 + random.below(50)) troubles.push(troubleOf(random, from));
  const kept = new Map<number, ClosedWindow>();
  const silent = CALM + random.below(minutes - CALM);
  const pause = CALM + random.below(minutes - CALM);
  let [sequence, shift, notices] = [0, 0, 0];
  for (let index = 0; index < minutes; index++) {
    if (index === pause) shift = PAUSE;
    if (random.next() < 0.01) continue;
    const isSilent = index >= silent && index < silent + 6;
    const drawn = drawWindow(random, index + shift, ratesAt(index, troubles));
    const invented: Cell[] = random.next() < 0.2 ? [{ ...onceOf(index), count: 1, amount: 0 }] : [];
    const whole = isSilent ? windowOf(index + shift, [], 'silent') : withSlices({ ...drawn, cells: [...drawn.cells, ...invented] });
    const isCut = !isSilent && random.next() < 0.15;
    const now: ClosedWindow = { ...whole, sequence: ++sequence };
    if (isCut) kept.set(index, now);
    yield { window: isCut ? { ...now, cells: cutCells(now.cells) } : now };
    for (const [late, of] of kept) {
      if (index - late > LATE_MOST) kept.delete(late);
      else if (random.next() < 0.3) {
        kept.delete(late);
        yield { window: { ...(random.next() < 0.5 ? of : partOf(of)), sequence: ++sequence, revision: 1, late: 1, slices: [] } };
      }
    }
    const known = reported();
    const anomaly = known[random.below(Math.max(1, known.length))];
    if (random.next() < 0.03 && anomaly !== undefined) {
      const minute = START + (index + shift) * 60_000;
      const verdict = VERDICTS[random.below(VERDICTS.length)] ?? 'noise';
      notices++;
      yield { notice: random.next() < 0.2 ? endingOf(notices, minute, [notices - 1]) : noticeOf(notices, minute, verdict, anomaly) };
    }
  }
}

const onceOf = (index: number): Omit<Cell, 'count' | 'amount'> => ({
  status: index % 2 === 0 ? 'approved' : 'denied',
  auth_code: '00',
  merchant_id: `once-${index}`,
  acquirer: 'a-0',
});

/** Half of what the first merchants have is late. */
const isCut = ({ merchant_id }: Cell): boolean => merchant_id === 'm-0' || merchant_id === 'm-5';
const cutCells = (cells: readonly Cell[]): Cell[] =>
  cells.map((cell) => (isCut(cell) ? { ...cell, count: Math.floor(cell.count / 2) } : cell));

/** A correction that names only the merchants that late rows changed; the others are added up without a name. */
function partOf(window: ClosedWindow): ClosedWindow {
  const cells = window.cells.map((cell) => (isCut(cell) ? cell : { ...cell, merchant_id: '' }));
  return { ...window, cells, partial: true };
}

/** Links to shards in this thread. What goes over them is copied, as on the way to a process. */
export function linksOf(shards: number): ShardLink[] {
  return Array.from({ length: shards }, () => {
    const shard = createShard();
    const replies: ShardReply[] = [];
    return {
      send: (request) => void replies.push(structuredClone(shard(structuredClone(request)))),
      receive: () => {
        const reply = replies.shift();
        if (reply === undefined) throw new Error('Nothing was asked.');
        return reply;
      },
    };
  });
}
