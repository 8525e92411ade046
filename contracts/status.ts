/** Every status a transaction can have. Stored minutes count in this order: a new one goes to the end. */
export const STATUSES = ['approved', 'denied', 'failed', 'reversed', 'backend_reversed', 'refunded', 'processing'] as const;

export type Status = (typeof STATUSES)[number];
