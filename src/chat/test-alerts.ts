import { alertOf, anomalyOf, type ChatUnderTest } from './test-chat.ts';

/** Where a message of Bob comes from, who writes English. */
export const BOB = { sender: '888', conversation: '888' } as const;
/** Where a message of Vera comes from, who may only look. */
export const VERA = { sender: '999', conversation: '999' } as const;

/** Stores two alerts that fire: all traffic is gone (critical), and merchant loja-9 is low (warning). */
export async function storeTwoAlerts(it: ChatUnderTest): Promise<void> {
  const zero = anomalyOf('an_00000a', 12, null, { type: 'zero_transactions' });
  const low = anomalyOf('an_00000b', 40, null, {
    severity: 'warning',
    node: { kind: 'merchant', merchant_id: 'loja-9' },
    slice: { merchant_id: 'loja-9', share: 1 },
  });
  await it.anomalies(zero, low);
  await it.alerts(alertOf(zero, 'aaaaaaaaaaaaaaa1'), alertOf(low, 'aaaaaaaaaaaaaaa2'));
}
