import type { Locale } from '@transaction-guardian/contracts/text/render-text.ts';
import { formatMoment } from './format.ts';

/** Both ends of a period, ISO 8601: its end names its day where it began on another one, also when it ends today. */
export const formatPeriod = (
  locale: Locale,
  timeZone: string,
  start: string,
  end: string,
  nowMs: number,
): { start: string; end: string } => ({
  start: formatMoment(locale, timeZone, Date.parse(start), nowMs),
  end: formatMoment(locale, timeZone, Date.parse(end), Date.parse(start)),
});
