import { Type } from 'typebox';
import { STATUSES } from './transaction.ts';

const STATUS = `(${STATUSES.join('|')})`;
const NAME = String.raw`[^\u0000]+`;

/** How a node is written, e.g. `fleet`, `status:denied`, `merchant_status:m-1:denied` (an ECMAScript pattern). */
export const NODE_PATTERN = `^(fleet|status:${STATUS}|(auth_code|merchant|acquirer):${NAME}|merchant_status:${NAME}:${STATUS})$`;

/** A part of the traffic that is counted and judged by itself. */
export const NodeKey = Type.String({
  maxLength: 300,
  pattern: NODE_PATTERN,
  description:
    'Part of the traffic: `fleet`, `status:<status>`, `auth_code:<code>`, `acquirer:<id>[:<status>]`, `merchant:<id>`, `merchant_status:<id>:<status>`.',
  examples: ['fleet', 'status:denied', 'merchant:m-1'],
});

/** Place of a page in a list (an ECMAScript pattern); opaque to the client. */
export const CURSOR_PATTERN = String.raw`^(-?\d{1,16})\.([A-Za-z0-9_-]{0,400})$`;
export const Cursor = Type.String({ pattern: CURSOR_PATTERN, description: '`next_cursor` of the page before.' });

/** `next_cursor` of a page. */
export const NextCursor = Type.Union([Type.String(), Type.Null()], {
  description: 'Pass it as `cursor` for the next page; null on the last one.',
});
