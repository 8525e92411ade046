/** Fixed words of messages in Brazilian Portuguese. */
export const notifyPtBr = {
  'notify.backup': 'Enviado por aqui porque {receiver} não confirmou a entrega',
  'notify.canary': '🐤 Canário das {at:time}: o Transaction Guardian analisa as transações e as mensagens chegam aqui',
  'notify.count': '🔔 {n:0} {n:alerta ativo|alertas ativos}: {parts}',
  'notify.count.critical': '{n:0} {n:crítico|críticos}',
  'notify.count.info': '{n:0} {n:informativo|informativos}',
  'notify.count.resolved': '{n:0} {n:resolvido|resolvidos}',
  'notify.count.warning': '{n:0} de atenção',
  'notify.count_resolved': '✅ {n:0} {n:alerta resolvido|alertas resolvidos}',
  'notify.more': 'e mais {n:0} {n:alerta|alertas}',
  'notify.nothing': 'Sem alertas',
  'notify.open': 'Abrir no console',
  'notify.resolved': '✅ RESOLVIDO',
  'notify.runbook': 'Runbook',
} as const;
