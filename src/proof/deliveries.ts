import type { Delivery } from '@transaction-guardian/contracts/notification.ts';
import type { Sql } from '../store/database.ts';
import { readChannelProofs, readDeliveryStates } from '../store/verbs/proof/deliveries.ts';

/** Receivers of which the deliveries are known. */
export interface DeliverySettings {
  readonly receivers: readonly { readonly name: string; readonly kind: string }[];
  /** After so long a message without proof is unproven. */
  readonly receiptTimeoutMs: number;
}

/** A chat that nothing reached for so long is no longer listed. */
const CHATS_FOR_MS = 30 * 86_400_000;

/** What is known of the deliveries of each receiver, in the order of the settings, with the chats that it reached. `now`: epoch
 *  milliseconds. Throws STORE_UNAVAILABLE. */
export async function readDeliveries(
  sql: Sql,
  { receivers, receiptTimeoutMs }: DeliverySettings,
  now: number,
): Promise<Delivery['receivers']> {
  if (receivers.length === 0) return [];
  const names = receivers.map(({ name }) => name);
  const states = await readDeliveryStates(sql, names, { now, timeoutMs: receiptTimeoutMs });
  const chats = await readChannelProofs(sql, names, now - CHATS_FOR_MS);
  const kinds = new Map(receivers.map(({ name, kind }) => [name, kind]));
  const provenAt = (at: number) => ({ last_proven_at: new Date(at).toISOString(), age_s: Math.max(0, (now - at) / 1000) });
  return states.map(({ receiver, lastProvenAt: at, state, error }) => ({
    ...{ receiver, channel: kinds.get(receiver) ?? '' },
    ...(at === null ? { last_proven_at: null, age_s: null } : provenAt(at)),
    ...{ state, error },
    chats: chats
      .filter((chat) => chat.receiver === receiver)
      .map(({ channel, to, lastProvenAt }) => ({ channel, to, ...provenAt(lastProvenAt) })),
  }));
}
