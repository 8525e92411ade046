import type { Priority } from '@transaction-guardian/contracts/incident-state.ts';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { Icon } from '../../ui/icon.tsx';

const SIGNS: Readonly<Record<Priority, Severity>> = { P1: 'critical', P2: 'critical', P3: 'warning', P4: 'info' };

/** A priority with the sign of its severity. */
export function PriorityChip({ priority }: { readonly priority: Priority }) {
  return (
    <span className={`chip chip-${SIGNS[priority]}`}>
      <Icon name={SIGNS[priority]} size={15} />
      <span>{priority}</span>
    </span>
  );
}
