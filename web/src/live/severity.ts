import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';

/** Worst first. */
export const SEVERITY_RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };
