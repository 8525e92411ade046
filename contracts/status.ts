/** Every status a transaction can have, in the order in which charts stack them. */
export const STATUSES = ['approved', 'denied', 'failed', 'reversed', 'backend_reversed', 'refunded', 'processing'] as const;

export type Status = (typeof STATUSES)[number];
