import type { DetectorProgress } from '../../live/freshness.ts';
import { formatMoment } from '../../ui/format.ts';
import type { Words } from '../../ui/locale.tsx';

/** "Judged up to 08:41, 12 min behind"; the day stands before a time that is not of today. `now`: the page's clock. */
export function judgedUntilText({ t, locale, timeZone }: Words, { until, minutesBehind }: DetectorProgress, now: number): string {
  if (until === null) return t('console.judged.nothing');
  return t('console.judged.until', { at: formatMoment(locale, timeZone, until, now), n: minutesBehind });
}
