import type { Anomaly } from '@transaction-guardian/contracts/anomaly.ts';

/** Canonical key of a node, as `GET /series?node=` takes it: "fleet", "status:denied", "merchant:m-1". */
export function nodeKey(node: Anomaly['node']): string {
  switch (node.kind) {
    case 'fleet':
      return 'fleet';
    case 'status':
      return `status:${node.status ?? ''}`;
    case 'auth_code':
      return `auth_code:${node.auth_code ?? ''}`;
    case 'acquirer':
      return `acquirer:${node.acquirer ?? ''}`;
    case 'merchant':
      return `merchant:${node.merchant_id ?? ''}`;
    case 'merchant_status':
      return `merchant_status:${node.status ?? ''}:${node.merchant_id ?? ''}`;
  }
}
