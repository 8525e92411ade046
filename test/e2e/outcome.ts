import { waitFor, type Api } from './product.ts';

/** What a user sees of a stretch of the stream: transactions by status, and every anomaly as one line. */
export interface Outcome {
  readonly totals: Record<string, number>;
  readonly anomalies: readonly string[];
}

/** Reads the outcome of `minutes` minutes from `start` (epoch milliseconds), once the last of them is counted and scored. */
export async function readOutcome(
  product: Api,
  { start, minutes }: { readonly start: number; readonly minutes: number },
): Promise<Outcome> {
  const last = new Date(start + (minutes - 1) * 60_000).toISOString();
  await waitFor(async () => {
    const stats = await product.get<{ last_minute: string | null; lag_records: number }>('/stats');
    return typeof stats.last_minute === 'string' && stats.last_minute >= last && stats.lag_records === 0 ? true : undefined;
  });
  // The detector follows the windows: it is through when the last minute has its score.
  await waitFor(async () => {
    const { items } = await product.get<{ items: { minute: string; expected: number | null }[] }>(`/series?minutes=5`);
    return items.some(({ minute, expected }) => minute >= last && expected !== null) ? true : undefined;
  });
  const range = `since=${new Date(start).toISOString()}&until=${new Date(start + minutes * 60_000).toISOString()}`;
  const { items } = await product.get<{ items: { by_status: Record<string, number> }[] }>(`/series?${range}`);
  const totals: Record<string, number> = {};
  for (const item of items) for (const [status, count] of Object.entries(item.by_status)) totals[status] = (totals[status] ?? 0) + count;
  const { items: anomalies } = await product.get<{ items: { id: string; type: string; started_at: string; resolved_at: string | null }[] }>(
    '/anomalies?limit=1000',
  );
  return { totals, anomalies: anomalies.map((one) => `${one.id} ${one.type} ${one.started_at} ${one.resolved_at}`).toSorted() };
}

/** Transactions by status as the lines of `traffic.ts` have them. */
export function totalsOf(lines: readonly string[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const line of lines) {
    const { status, count } = JSON.parse(line) as { status: string; count: number };
    totals[status] = (totals[status] ?? 0) + count;
  }
  return totals;
}
