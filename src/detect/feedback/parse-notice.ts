import type { FeedbackNotice } from '@transaction-guardian/contracts/feedback.ts';
import { VERDICTS } from '@transaction-guardian/contracts/verdict.ts';
import { ANOMALY_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import { MINUTE_MS } from '../../clock.ts';

type Fields = Readonly<Partial<Record<keyof FeedbackNotice, unknown>>>;

/** Which field of a notice breaks which rule; null when it is a `FeedbackNotice`. Never a value. */
export function brokenNotice(notice: Fields): string | null {
  if (notice.v !== 1) return 'v: must be 1';
  if (!isCount(notice.number)) return 'number: must be an integer from 0';
  if (!Number.isSafeInteger(notice.minute) || Number(notice.minute) % MINUTE_MS !== 0) return 'minute: must be the start of a minute';
  if (!Array.isArray(notice.ends) || !notice.ends.every(isCount)) return 'ends: must be a list of numbers';
  if (typeof notice.by !== 'string') return 'by: must be a text';
  return notice.given === null || isGiven(notice.given) ? null : 'given: must name a verdict and an anomaly';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isGiven(value: unknown): boolean {
  const { verdict, anomaly } = (value ?? {}) as { readonly verdict?: unknown; readonly anomaly?: unknown };
  const { id, type, node, z_score: z, ml_score: ml, duration_minutes: minutes } = (anomaly ?? {}) as Readonly<Record<string, unknown>>;
  const isKnown =
    VERDICTS.some((known) => known === verdict) && ANOMALY_TYPES.some((known) => known === type && !SELF_TYPES.includes(known));
  return isKnown && typeof id === 'string' && typeof node === 'object' && node !== null && [z, ml, minutes].every(Number.isFinite);
}
