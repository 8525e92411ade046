import type { Database } from '../store/database.ts';
import { noteRelayed } from './relayed.ts';
import { applyReceipt, findReceived, unknownAlerts, writeReceipt, type Receipt } from '../store/verbs/proof/receipts.ts';

const DAY_MS = 86_400_000;

/** What became of a receipt: the messages that it is of, and the alerts that are not stored here. */
export interface ReceiptOutcome {
  readonly notifications: readonly string[];
  readonly unknown: readonly string[];
  /** It was noted before. */
  readonly isRepeat: boolean;
}

/** Notes a receipt, once for each message of a channel and state. `receivers`: those that hand messages on and report. `isRelayed`:
 *  alerts go by way of Alertmanager, so a receipt may be of a message that is not known here. Throws STORE_UNAVAILABLE. */
export async function noteReceipt(
  database: Database,
  {
    receipt,
    receivers,
    isRelayed = false,
    now,
  }: { readonly receipt: Receipt; readonly receivers: readonly string[]; readonly isRelayed?: boolean; readonly now: number },
): Promise<ReceiptOutcome> {
  return database.transaction(async (tx) => {
    const isNew = await writeReceipt(tx, receipt, now);
    const own = await findReceived(tx, receipt, receivers, now - DAY_MS);
    const relayed = own.length > 0 || !isRelayed ? null : await noteRelayed(tx, receipt, now);
    const notifications = relayed === null ? own : [relayed];
    if (isNew) await applyReceipt(tx, notifications, receipt);
    return { notifications, unknown: await unknownAlerts(tx, receipt.alerts), isRepeat: !isNew };
  });
}
