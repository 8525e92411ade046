/** Sentences that explain an anomaly, in Brazilian Portuguese. `what` is a status or `total`. */
export const reasonPtBr = {
  'reason.above': '{what:status} {observed:1}/min contra {expected:1} esperados (z {z:signed})',
  'reason.accepted': 'estável há {minutes} {minutes:minuto|minutos} no novo nível, que passa a ser o normal',
  'reason.acquirer': '{share:pct} no adquirente {acquirer}',
  'reason.all_code': 'tudo no código {code}',
  'reason.approved_down': 'aprovadas {change:pct}',
  'reason.below': '{what:status} {observed:1}/min contra {expected:1} esperados (z {z:signed})',
  'reason.code': '{share:pct} no código {code}',
  'reason.code_above': 'código {code} {observed:1}/min contra {expected:1} esperados (z {z:signed})',
  'reason.folded': 'e mais {count} {count:sinal|sinais} da mesma causa',
  'reason.merchant': '{share:pct} no lojista {merchant}',
  'reason.no_data': 'nenhum dado há {minutes} {minutes:minuto|minutos}; esperados {expected:1}/min',
  'reason.pattern': 'padrão incomum (score ML {ml:2})',
  'reason.rate_down': 'aprovadas {observed:1}/min contra {expected:1} esperadas, com o total quase normal (z {z:signed})',
  'reason.since': 'desde {at:time}',
  'reason.value': '{observed:2} contra {expected:2} esperado (z {z:signed})',
  'reason.zero': 'nenhuma transação há {minutes} {minutes:minuto|minutos}; esperadas {expected:1}/min',
};
