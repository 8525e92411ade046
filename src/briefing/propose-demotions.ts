import { createHash } from 'node:crypto';
import type { ProposedDemotion } from '@transaction-guardian/contracts/briefing.ts';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import { isTextKey, text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { placesOf, sliceEntries } from '../alert/cause.ts';
import { causeMatchers } from '../respond/scope.ts';
import type { Sql } from '../store/database.ts';
import { readPagedCauses, type PagedCause } from '../store/verbs/briefing/shift-figures.ts';
import { listSilences } from '../store/verbs/silence/silences.ts';
import { textsOf } from './texts-of.ts';

/** Share of the budget of a week that one cause may take. */
const SHARE_MOST = 0.25;
const PROPOSED_MOST = 3;
const CAUSES_MOST = 500;
const WEEK_MS = 7 * 86_400_000;

/** Causes that burn the budget of pages, the noisiest first: where the pages of seven days are over `budget`, those that took more
 *  than a quarter of it. Not what people called useful more often than noise, what is demoted already, what the program says of
 *  itself, and what is critical for all of the traffic: an outage of the company is never one tap away from silence. `now`: wall clock, epoch milliseconds; `spent`: pages of the week. */
export async function proposeDemotions(
  sql: Sql,
  { now, spent, budget }: { readonly now: number; readonly spent: number; readonly budget: number },
): Promise<ProposedDemotion[]> {
  if (spent <= budget) return [];
  const rows = await readPagedCauses(sql, now - WEEK_MS, now, CAUSES_MOST);
  const { items: silences } = await listSilences(sql, { status: 'active', now }, { limit: 1000 });
  const hidden = new Set(silences.map(({ matchers }) => matchers.join('\n')));
  return noisiestOf(rows)
    .filter(({ pages, useful, noise }) => pages > budget * SHARE_MOST && useful <= noise)
    .map((row) => proposalOf(row, budget))
    .filter(({ matchers }) => !hidden.has(matchers.join('\n')))
    .slice(0, PROPOSED_MOST);
}

/** Each cause once, at the severity that pages most, of the receiver that it paged most. */
function noisiestOf(rows: readonly PagedCause[]): readonly PagedCause[] {
  const causes = new Map<string, PagedCause>();
  for (const row of rows) {
    const { type, severity } = row.labels;
    if (type === undefined || SELF_TYPES.some((self) => self === type)) continue;
    if (severity === 'critical' && placesOf(row.labels).length === 0) continue;
    const key = causeMatchers(row.labels).join('\n');
    if ((causes.get(key)?.pages ?? 0) < row.pages) causes.set(key, row);
  }
  return [...causes.values()].toSorted((a, b) => b.pages - a.pages);
}

function proposalOf({ labels, severity, pages }: PagedCause, budget: number): ProposedDemotion {
  const matchers = [...causeMatchers(labels)];
  const cause = createHash('sha256')
    .update(JSON.stringify([matchers, severity]))
    .digest('hex')
    .slice(0, 8);
  const texts = textsOf((locale) => causeText(locale, labels));
  return { cause, texts, matchers, max_severity: severity, pages, budget };
}

/** `Volume baixo, lojista loja-9`. */
function causeText(locale: Locale, labels: Readonly<Record<string, string>>): string {
  const type = `anomaly.type.${labels['type'] ?? ''}`;
  const name = isTextKey(type) ? text(locale, type) : (labels['alertname'] ?? '');
  const place = sliceEntries(labels).map(([field, value]) => {
    const status = `transaction.status.${value}`;
    return text(locale, `anomaly.slice.${field}`, { value: field === 'status' && isTextKey(status) ? text(locale, status) : value });
  });
  return [name, ...place].join(', ');
}
