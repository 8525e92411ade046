import type { Slice } from '@transaction-guardian/contracts/anomaly.ts';
import type { DriftAhead } from '@transaction-guardian/contracts/forecast.ts';
import { MINUTE_MS } from '../../clock.ts';
import { keyOfNode } from '../series/node-key.ts';
import type { Warnings } from './warnings.ts';

/** The warnings that stand about a slice of the traffic or a part of it, oldest first. */
export function driftsAhead({ open }: Warnings, slice: Slice): DriftAhead[] {
  const about = open.filter(({ anomaly: { node } }) => matches(node, slice));
  return about.map(({ anomaly, crosses }) => {
    const record = anomaly.reasons.find(({ code }) => code === 'drift_precision')?.params;
    return {
      anomaly_id: anomaly.id,
      node: keyOfNode(anomaly.node),
      crosses_at: new Date(crosses * MINUTE_MS).toISOString(),
      confirmed: Number(record?.['confirmed'] ?? 0),
      measured: Number(record?.['count'] ?? 0),
    };
  });
}

const FIELDS = ['status', 'auth_code', 'acquirer', 'merchant_id'] as const;

const matches = (node: Slice, slice: Slice): boolean => FIELDS.every((field) => slice[field] === undefined || slice[field] === node[field]);
