/** Texts of silences in Brazilian Portuguese (part of the catalogue of `pt-br.ts`). */
export const silencePtBr = {
  'silence.began': '🔕 SILÊNCIO até {until:time}: {matchers}',
  'silence.ended': '🔔 FIM DO SILÊNCIO: {matchers}',
  'silence.hid': 'Ocultou {n:0} {n:alerta|alertas}, {firing:0} ainda {firing:ativo|ativos}',
  'silence.hid_nothing': 'Não ocultou nenhum alerta',
  'silence.hidden': '• {what}',
  'silence.hidden_firing': '• ATIVO: {what}',
  'silence.hidden_more': '• e mais {n:0}',
  'silence.reason': '{name}: {reason}',
  'silence.times': 'De {started:time} a {ended:time}',
  'silence.up_to.info': 'Alertas de atenção e críticos continuam a notificar',
  'silence.up_to.warning': 'Alertas críticos continuam a notificar',
} as const;
