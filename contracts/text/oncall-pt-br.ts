/** Texts about who is on call (`oncall.*`) in Brazilian Portuguese. */
export const onCallPtBr = {
  'oncall.calendar': 'Plantão {schedule}',
  'oncall.summary': 'Plantão: {name} ({schedule})',
} as const;
