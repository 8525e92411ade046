import { STATUSES, type Status } from './status.ts';
import { Type, type Static } from 'typebox';

/** Text without control characters (an ECMAScript pattern). */
export const TEXT_PATTERN = String.raw`^[^\u0000-\u001f\u007f-\u009f]+$`;

/** Longest text that any identifier field accepts. */
export const MAX_IDENTIFIER_LENGTH = 128;

const identifier = (description: string, example: string) =>
  Type.String({ minLength: 1, maxLength: MAX_IDENTIFIER_LENGTH, pattern: TEXT_PATTERN, description, examples: [example] });

/** One payment transaction, or one pre-aggregated minute of them (`count`), as clients send it. */
export const Transaction = Type.Object(
  {
    id: Type.Optional(identifier('Stable id chosen by the client; a retry with the same id is counted once.', 'tx-7f3a')),
    timestamp: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Event time, ISO 8601. Without an offset it is read in the configured time zone. Default: time of arrival.',
        examples: ['2026-11-22T03:14:07Z'],
      }),
    ),
    status: Type.Enum([...STATUSES], { description: 'Outcome of the transaction.' }),
    count: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1e9,
        default: 1,
        description: 'How many transactions this record stands for; 0 says "alive, none".',
      }),
    ),
    amount: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1e15, description: 'Value in major units of `currency` (total of the record).' }),
    ),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code.', examples: ['BRL'] })),
    merchant_id: Type.Optional(identifier('Merchant.', 'm-0042')),
    auth_code: Type.Optional(
      Type.String({ pattern: '^[0-9A-Za-z]{1,6}$', description: 'Issuer response code (ISO 8583 field 39).', examples: ['51'] }),
    ),
    card_bin: Type.Optional(Type.String({ pattern: '^[0-9]{6,8}$', description: 'First 6 to 8 digits of the card, never more.' })),
    acquirer: Type.Optional(identifier('Acquirer or processor.', 'acq-1')),
    payment_method: Type.Optional(identifier('Payment method.', 'credit')),
    customer_id: Type.Optional(identifier('Customer, as a pseudonym.', 'c-91')),
  },
  { additionalProperties: false, title: 'Transaction' },
);
export type Transaction = Static<typeof Transaction>;

/** The dimensions that a count can be sliced by; '' where the record does not say. */
export interface Dimensions {
  readonly status: Status | '';
  readonly auth_code: string;
  readonly merchant_id: string;
  readonly acquirer: string;
}

/** What the bus carries on `guardian.transactions`: a validated, stamped transaction or a sign of life.
 *  `status` is '' only for a breakdown row (a count by auth code of transactions that another file counts by status):
 *  such a row adds to its own dimension and never to the totals by status. Times are epoch milliseconds. */
export interface TransactionRecord {
  readonly v: 1;
  readonly kind: 'transaction';
  readonly id: string;
  /** Whether the client chose the id (then it is checked for repeats over the whole retention). */
  readonly client_id: boolean;
  /** Fingerprint of what the client said, 16 hex characters: the same id with another one is a conflict. */
  readonly content_hash: string;
  readonly occurred_at: number;
  readonly ingested_at: number;
  readonly status: Status | '';
  readonly count: number;
  readonly amount?: number;
  readonly currency?: string;
  readonly merchant_id?: string;
  readonly auth_code?: string;
  readonly card_bin?: string;
  readonly acquirer?: string;
  readonly payment_method?: string;
  readonly customer_id?: string;
  /** Who delivered it: 'http', 'csv', 'simulator' or the client's own name. */
  readonly source: string;
  /** Backfill: counted and scored, without notifications. */
  readonly backfill: boolean;
}

/** A source says that it is alive at `occurred_at` although it may have nothing to send. `incomplete`: no sign of life; what
 *  is counted of its minute is too low, since a row of a file was refused (`backfill`: of a file that was uploaded). */
export interface HeartbeatRecord {
  readonly v: 1;
  readonly kind: 'heartbeat';
  readonly incomplete?: true;
  readonly occurred_at: number;
  readonly ingested_at: number;
  readonly source: string;
  readonly backfill: boolean;
}

export type InboundRecord = TransactionRecord | HeartbeatRecord;
