import { sumOfRows, usual } from './excess-sums.ts';
import { countZ } from '../evidence/evidence.ts';
import type { MerchantAnswer, MerchantQuestion } from '../series/elsewhere.ts';
import { tailNats } from '../series/normal.ts';
import { atI32, atU8, EXPECTED, GROUP_ROWS, rowOf, type SeriesStore, SPREAD, valueOf } from '../series/series-store.ts';
import { recent } from '../series/signal.ts';

/** Asks all merchants, wherever their columns are. */
export const askMerchants = (store: SeriesStore, question: MerchantQuestion): readonly MerchantAnswer[] =>
  store.elsewhere === null ? answersOf(store, question) : store.elsewhere.ask(question);

/** The answers of the merchants of this store, in the order of their groups. */
export function answersOf(store: SeriesStore, question: MerchantQuestion): MerchantAnswer[] {
  const answers: MerchantAnswer[] = [];
  for (const group of store.index.merchant.values()) {
    const figures = figuresOf(store, group, question);
    if (figures !== null) answers.push({ group, figures });
  }
  return answers;
}

/** What a merchant has to say; null where it is nothing. */
function figuresOf(store: SeriesStore, group: number, question: MerchantQuestion): number[] | null {
  const { minute } = question;
  if (question.about === 'excess') {
    const rows = question.rows.map((row) => group * GROUP_ROWS + row);
    const { observed, expected } = sumOfRows(store, rows, question);
    return question.sign * (observed - expected) <= 0 ? null : [observed, expected, usual(store, group * GROUP_ROWS)];
  }
  if (question.about === 'totals') {
    const total = rowOf(group, '');
    if (atI32(store.ages, group) < question.age || valueOf(store, total, EXPECTED) > question.most) return null;
    return question.runs.flatMap((run) => {
      const { observed, expected } = recent(store, total, minute, run);
      return [observed, expected];
    });
  }
  const row = rowOf(group, question.status);
  if (atU8(store.seen, row) === 0) return null;
  const own = recent(store, row, minute, question.run);
  if (question.sign * (own.observed - own.expected) < question.excess) return null;
  const z = question.sign * countZ(own.observed, own.expected, Math.max(1, valueOf(store, row, SPREAD)));
  return z > 0 && tailNats(z) >= question.nats ? [] : null;
}
