/** Texts about who is on call (`oncall.*`) in Brazilian Portuguese. */
export const onCallPtBr = {
  'oncall.calendar': 'Plantão {schedule}',
  'oncall.nobody': 'ninguém está de plantão',
  'oncall.step': 'Escalonamento, passo {step}: {who}',
  'oncall.summary': 'Plantão: {name} ({schedule})',
} as const;
