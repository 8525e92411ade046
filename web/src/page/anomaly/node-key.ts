import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';

/** Canonical key of a node, as `GET /series?node=` takes it: "fleet", "status:denied", "merchant_status:m-1:denied". */
export function nodeKeyOf({ kind, acquirer, merchant_id, auth_code, status }: Anomaly['node']): string {
  return [kind, acquirer, merchant_id, auth_code, status].filter((part) => part !== undefined).join(':');
}
