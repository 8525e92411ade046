import { NODE_PATTERN, CURSOR_PATTERN } from './pattern.ts';
import { Type } from 'typebox';

/** A part of the traffic that is counted and judged by itself. */
export const NodeKey = Type.String({
  maxLength: 300,
  pattern: NODE_PATTERN,
  description:
    'Part of the traffic: `fleet`, `status:<status>`, `auth_code:<code>`, `acquirer:<id>[:<status>]`, `merchant:<id>`, `merchant_status:<id>:<status>`.',
  examples: ['fleet', 'status:denied', 'merchant:m-1'],
});

export const Cursor = Type.String({ pattern: CURSOR_PATTERN, description: '`next_cursor` of the page before.' });

/** `next_cursor` of a page. */
export const NextCursor = Type.Union([Type.String(), Type.Null()], {
  description: 'Pass it as `cursor` for the next page; null on the last one.',
});
