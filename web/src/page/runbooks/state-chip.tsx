import type { RunState, StepState } from '@transaction-guardian/contracts/runbook-word.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { usePageWords } from '../parts/page-words.ts';

const SIGNS: Readonly<Record<RunState | StepState, readonly [IconName, string]>> = {
  pending: ['empty', 'plain'],
  running: ['connecting', 'info'],
  restarting: ['replay', 'info'],
  done: ['resolved', 'good'],
  failed: ['critical', 'critical'],
  tolerated: ['warning', 'warning'],
  skipped: ['empty', 'plain'],
  cancelled: ['noise', 'warning'],
  interrupted: ['stalled', 'warning'],
};

/** State of a run or of a step: a sign, a colour and a word. */
export function StateChip({ state }: { readonly state: RunState | StepState }) {
  const { p } = usePageWords();
  const [icon, tone] = SIGNS[state];
  return (
    <span className={`chip chip-${tone}`}>
      <Icon name={icon} size={15} />
      <span>{p(`page.run.state_${state}`)}</span>
    </span>
  );
}
