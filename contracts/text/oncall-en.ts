import type { onCallPtBr } from './oncall-pt-br.ts';

/** Texts about who is on call (`oncall.*`) in English. */
export const onCallEn: Record<keyof typeof onCallPtBr, string> = {
  'oncall.calendar': 'On call {schedule}',
  'oncall.nobody': 'nobody is on call',
  'oncall.step': 'Escalation step {step}: {who}',
  'oncall.summary': 'On call: {name} ({schedule})',
};
