import type { Anomaly, Reason, Slice } from '@transaction-guardian/contracts/anomaly.ts';
import { measureOf } from '@transaction-guardian/contracts/measure.ts';
import { isTextKey, joinReasons, moneyText, reasonText, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { causeOf, sliceEntries } from '../../alert/cause.ts';
import { measureText } from '../../alert/wording.ts';
import type { Say } from '../turn.ts';
import { nameText, safeParams } from './name-text.ts';

/** A slice in words, with names that others chose fit to be shown; '' for all traffic. */
export function placeText(say: Say, slice: Slice): string {
  return sliceEntries(slice)
    .map(([field, value]) => {
      const key = `transaction.status.${value}`;
      return say(`anomaly.slice.${field}`, { value: field === 'status' && isTextKey(key) ? say(key) : nameText(value) });
    })
    .join(', ');
}

/** What broke and where: `Negadas acima do normal · código 51`. */
export function anomalyTitle(say: Say, anomaly: Pick<Anomaly, 'type' | 'node' | 'slice'>): string {
  const { status, ...others } = causeOf(anomaly);
  // "Denials above normal" says the status already.
  const place = placeText(say, status === undefined || anomaly.type.endsWith('_above_normal') ? others : { status, ...others });
  return place === '' ? say(`anomaly.type.${anomaly.type}`) : `${say(`anomaly.type.${anomaly.type}`)} · ${place}`;
}

/** The reasons as one text, with names fit to be shown. */
export function reasonsText(anomaly: Pick<Anomaly, 'reasons'>, locale: Locale, timeZone: string, nowMs: number): string {
  const sentence = ({ code, params }: Reason): string =>
    reasonText(locale, { code, params: { ...safeParams(params) } }, { timeZone, nowMs });
  return joinReasons(anomaly.reasons.map(sentence));
}

/** `Pior minuto: 25/min, esperado 5,4 (0–13), z +8,9 (21:46)`; of a share, in percent; the means of the period where the minute by
 *  itself is as expected. */
export function measureLine(say: Say, label: string, anomaly: Anomaly, figures: Anomaly['peak']): string {
  const shown = measureOf(anomaly, figures);
  const measure = measureText(say, anomaly.type, shown);
  return shown.of === 'period'
    ? say('alert.message.period', { measure })
    : `${label}: ${measure} (${say('chat.at', { at: figures.minute })})`;
}

/** What was lost so far, in transactions and money; '' for nothing. */
export function lostText(say: Say, anomaly: Anomaly, locale: Locale): string {
  if (anomaly.lost_transactions < 0.5) return '';
  const money = moneyText(locale, anomaly.lost_by_currency ?? (anomaly.lost_amount == null ? [] : [anomaly.lost_amount]));
  const params = { lost: anomaly.lost_transactions };
  return money === '' ? say('chat.lost', params) : say('chat.lost_money', { ...params, money });
}
