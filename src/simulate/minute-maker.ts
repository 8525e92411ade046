import type { Transaction } from '@transaction-guardian/contracts/transaction.ts';
import type { SimulatedIncident } from './incidents.ts';

/** What both forms need to make one minute. */
export interface MinuteToMake {
  readonly minute: number;
  readonly running: readonly SimulatedIncident[];
}

export interface MinuteMaker {
  /** Rows of one minute, in order of arrival. Minutes must be asked for in order. */
  make(context: MinuteToMake): Transaction[];
}
