import { STATUSES } from './status.ts';

const STATUS = `(${STATUSES.join('|')})`;
const NAME = String.raw`[^\u0000]+`;

/** How a node is written, e.g. `fleet`, `status:denied`, `merchant_status:m-1:denied` (an ECMAScript pattern). */
export const NODE_PATTERN = `^(fleet|status:${STATUS}|(auth_code|merchant|acquirer):${NAME}|merchant_status:${NAME}:${STATUS})$`;

/** Place of a page in a list (an ECMAScript pattern); opaque to the client. */
export const CURSOR_PATTERN = String.raw`^(-?\d{1,16})\.([A-Za-z0-9_-]{0,400})$`;
