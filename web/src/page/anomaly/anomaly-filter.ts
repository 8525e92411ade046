import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import { text } from '@transaction-guardian/contracts/text/console-text.ts';
import type { Locale } from '@transaction-guardian/contracts/text/render-text.ts';
import { formatSlice, formatType } from '../../ui/format.ts';

/** Lower case without accents, so that "critico" finds "Crítico". */
export function fold(value: string): string {
  return value.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

/** The anomalies that contain every word of the query in what the reader sees of them. An empty query keeps all. */
export function filterAnomalies(
  locale: Locale,
  anomalies: readonly AnomalyView[],
  query: string,
  reasonOf: (anomaly: AnomalyView) => string,
): readonly AnomalyView[] {
  const words = fold(query)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return anomalies;
  return anomalies.filter((anomaly) => {
    const shown = fold(
      [
        formatType(locale, anomaly.type),
        text(locale, `anomaly.severity.${anomaly.severity}`),
        text(locale, `anomaly.status.${anomaly.status}`),
        formatSlice(locale, anomaly.slice),
        formatSlice(locale, anomaly.node),
        reasonOf(anomaly),
        anomaly.id,
      ].join(' '),
    );
    return words.every((word) => shown.includes(word));
  });
}
