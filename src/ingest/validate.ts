import { CANARY_MERCHANT } from '@transaction-guardian/contracts/canary.ts';
import { STATUSES, type Status } from '@transaction-guardian/contracts/status.ts';
import { MAX_IDENTIFIER_LENGTH, Transaction } from '@transaction-guardian/contracts/transaction.ts';
import { hasCardNumber } from '../pan/card-number.ts';
import type { TransactionContent } from './content-hash.ts';
import { enumCheck, hiddenFault, numberCheck, patternCheck, textCheck, wrongType } from '../check/field-check.ts';
import { jsonType, shownField, type BrokenRule } from '../check/finding.ts';
import { instantAtArrival } from '../check/arrival-pass.ts';
import { createPlaceTime, type PlaceTime } from '../check/place-time.ts';
import { createWallClock } from '../check/time-zone.ts';
import { timestampFault } from '../check/timestamp-fault.ts';
import { parseTimestamp } from '../check/timestamp.ts';

/** A transaction that passed every rule. `status` is '' only where `breakdown` was allowed. */
export interface ValidContent extends TransactionContent {
  readonly id: string | undefined;
  readonly status: Status | '';
}

export type Validation =
  | { readonly kind: 'valid'; readonly content: ValidContent }
  | { readonly kind: 'invalid'; readonly id: string | undefined; readonly findings: readonly BrokenRule[] };

export interface ValidatorOptions {
  /** IANA zone of timestamps without an offset. */
  readonly timeZone: string;
  readonly maxFutureMs: number;
  readonly maxAgeMs: number;
  /** Setting that `maxAgeMs` comes from, for the refusal (default `ingest.max_age_days`). */
  readonly ageSetting?: string | undefined;
}

export interface Validator {
  /** Checks one item against every rule; all its problems are reported together. `nowMs`: the wall clock, epoch milliseconds.
   *  `breakdown`: a row that counts by auth code and has no status is right. `canary`: it may be of the program's own merchant. Never throws. */
  validate(item: unknown, nowMs: number, options?: ValidateOptions): Validation;
  /** An id that came outside of an item. */
  checkId(value: unknown, field: string): { readonly id: string | undefined; readonly findings: readonly BrokenRule[] };
  /** Instant (epoch milliseconds) that a timestamp names, however old or far ahead; the finding where it names none. */
  readTime(text: string, field: string, nowMs: number): number | BrokenRule;
  /** Distinguishes the passes of repeated local times in one upload, which comes at `now` (epoch milliseconds). */
  placeTimes(now: () => number): PlaceTime;
  /** Epoch milliseconds of an event time; undefined with findings when it is not right. */
  checkTime(value: unknown, field: string, nowMs: number, findings: BrokenRule[]): number | undefined;
}

interface ValidateOptions {
  readonly breakdown?: boolean;
  readonly canary?: boolean;
}

type Draft = { -readonly [Key in keyof ValidContent]: ValidContent[Key] };

const FIELD_NAMES = Object.keys(Transaction.properties).join(', ');
const CARD_NAME =
  /cvv|cvc|cvn|\bcsc\b|^pan$|pan_|_pan|track_?[12]|track_?data|trilha|(?:card|cartao|cartão)_?(?:num|no$|pan|data|holder|expir)|^(?:card|cartao|cartão)$|(?:num(?:ero|ber|_)?|número)_?(?:do_|of_)?(?:card|cartao|cartão)|pin_?block/i;
const SECRET_NAME = /password|passwd|senha|\bpin\b/i;
const MAX_UNKNOWN_FIELDS = 20;

const text = textCheck(MAX_IDENTIFIER_LENGTH);
const id = textCheck(MAX_IDENTIFIER_LENGTH, 'card_number_id');
const status = enumCheck(STATUSES);
const count = numberCheck(0, 1e9, { integer: true });
const amount = numberCheck(0, 1e15, { integer: false });
const currency = patternCheck(/^[A-Z]{3}$/, 'pattern_currency');
const authCode = patternCheck(/^[0-9A-Za-z]{1,6}$/, 'pattern_auth_code');
const cardBin = patternCheck(/^[0-9]{6,8}$/, 'pattern_card_bin');

/** Makes the validator of transactions. Throws RangeError for an unknown time zone. */
export function createValidator(options: ValidatorOptions): Validator {
  const wall = createWallClock(options.timeZone);
  let arrivedAt = 0;
  const local = (localMs: number): number => instantAtArrival(wall, localMs, arrivedAt, options.maxFutureMs);

  function readTime(text: string, field: string, nowMs: number): number | BrokenRule {
    arrivedAt = nowMs;
    const time = parseTimestamp(text, local);
    if (!Number.isNaN(time)) return time;
    return hasCardNumber(text) ? { field, rule: 'card_number' } : timestampFault(text, field, { wall, timeZone: options.timeZone });
  }

  function checkTime(value: unknown, field: string, nowMs: number, findings: BrokenRule[]): number | undefined {
    if (typeof value !== 'string') return wrongType(value, 'string', field, findings);
    const time = readTime(value, field, nowMs);
    if (typeof time !== 'number') findings.push(time);
    else if (time > nowMs + options.maxFutureMs)
      findings.push({ field, rule: 'timestamp_future', params: { seconds: Math.round(options.maxFutureMs / 1000) } });
    else if (time < nowMs - options.maxAgeMs)
      findings.push({
        field,
        rule: 'timestamp_too_old',
        params: { days: Math.round(options.maxAgeMs / 86_400_000), setting: options.ageSetting ?? 'ingest.max_age_days' },
      });
    else return time;
    return undefined;
  }

  function validate(item: unknown, nowMs: number, { breakdown = false, canary = false }: ValidateOptions = {}): Validation {
    const findings: BrokenRule[] = [];
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      findings.push(
        hiddenFault(item, '(body)') ?? { field: '(body)', rule: 'type', wording: 'body_object', params: { got: jsonType(item) } },
      );
      return { kind: 'invalid', id: undefined, findings };
    }
    const fields = item as Readonly<Record<string, unknown>>;
    const draft = emptyDraft();
    let hasStatus = false;
    for (const name of Object.keys(fields)) {
      const value = fields[name];
      if (name === 'status') hasStatus = true;
      if (name === 'timestamp') draft.occurred_at = checkTime(value, name, nowMs, findings) ?? null;
      else if (!readField(draft, name, value, findings)) refuseUnknown(name, value, findings);
    }
    if (!hasStatus && !(breakdown && draft.auth_code !== undefined)) findings.push({ field: 'status', rule: 'required' });
    if (draft.merchant_id === CANARY_MERCHANT && !canary)
      findings.push({ field: 'merchant_id', rule: 'merchant_reserved', params: { merchant: CANARY_MERCHANT } });
    return findings.length === 0 ? { kind: 'valid', content: draft } : { kind: 'invalid', id: draft.id, findings };
  }

  return {
    validate,
    readTime,
    placeTimes: (now) => createPlaceTime({ wall, now, maxFutureMs: options.maxFutureMs }),
    checkTime,
    checkId(value, field) {
      const findings: BrokenRule[] = [];
      return { id: id(value, field, findings), findings };
    },
  };
}

/** A record without any field; it counts once. */
export function emptyDraft(): Draft {
  return {
    id: undefined,
    occurred_at: null,
    status: '',
    count: 1,
    amount: undefined,
    currency: undefined,
    merchant_id: undefined,
    auth_code: undefined,
    card_bin: undefined,
    acquirer: undefined,
    payment_method: undefined,
    customer_id: undefined,
  };
}

/** Checks one field and keeps its value. Returns false when the field is unknown. */
function readField(draft: Draft, name: string, value: unknown, findings: BrokenRule[]): boolean {
  switch (name) {
    case 'id':
      draft.id = id(value, name, findings);
      return true;
    case 'status':
      draft.status = status(value, name, findings) ?? '';
      return true;
    case 'count':
      draft.count = count(value, name, findings) ?? 1;
      return true;
    case 'amount':
      draft.amount = amount(value, name, findings);
      return true;
    case 'currency':
      draft.currency = currency(value, name, findings);
      return true;
    case 'auth_code':
      draft.auth_code = authCode(value, name, findings);
      return true;
    case 'card_bin':
      draft.card_bin = cardBin(value, name, findings);
      return true;
    case 'merchant_id':
    case 'acquirer':
    case 'payment_method':
    case 'customer_id':
      draft[name] = text(value, name, findings);
      return true;
    default:
      return false;
  }
}

/** Never shows the value: it may be what must not be here. */
function refuseUnknown(name: string, value: unknown, findings: BrokenRule[]): void {
  if (findings.length >= MAX_UNKNOWN_FIELDS) return;
  const field = shownField(name);
  if (hasCardNumber(name)) findings.push({ field, rule: 'card_number', wording: 'card_number_name' });
  else {
    const fault = hiddenFault(value, field);
    if (fault !== null) findings.push(fault);
  }
  if (CARD_NAME.test(name)) findings.push({ field, rule: 'unknown_field', wording: 'unknown_field_card' });
  else if (SECRET_NAME.test(name)) findings.push({ field, rule: 'unknown_field', wording: 'unknown_field_secret' });
  else findings.push({ field, rule: 'unknown_field', params: { allowed: FIELD_NAMES } });
}
