import { STATUSES } from './status.ts';

const STATUS = `(${STATUSES.join('|')})`;
const NAME = String.raw`[^\u0000]+`;

/** How a node is written, e.g. `fleet`, `status:denied`, `merchant_status:m-1:denied` (an ECMAScript pattern). */
export const NODE_PATTERN = `^(fleet|status:${STATUS}|(auth_code|merchant|acquirer):${NAME}|merchant_status:${NAME}:${STATUS})$`;

/** Place of a page in a list (an ECMAScript pattern); opaque to the client. */
export const CURSOR_PATTERN = String.raw`^(-?\d{1,16})\.([A-Za-z0-9_-]{0,400})$`;

/** Id that a program gave, this one or another: no control characters (an ECMAScript pattern). Digits in it are no card number. */
export const FOREIGN_ID_PATTERN = String.raw`^[^\u0000-\u001f\u007f-\u009f]{1,}$`;

/** Name of a channel, e.g. `telegram` (an ECMAScript pattern). */
export const CHANNEL_PATTERN = '^[a-z][a-z0-9_-]{0,31}$';

/** Length of time in minutes, hours or days, e.g. `30m` (an ECMAScript pattern). */
export const DURATION_PATTERN = '^[1-9][0-9]{0,4}(m|h|d)$';

/** Local time of day and local day, e.g. `02:00`, `2026-11-28` (ECMAScript patterns). */
export const TIME_OF_DAY_PATTERN = '^([01][0-9]|2[0-3]):[0-5][0-9]$';
export const LOCAL_DAY_PATTERN = '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$';
