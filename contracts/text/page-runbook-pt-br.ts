/** Texts of the pages of runbooks in Brazilian Portuguese. */
export const pageRunbookPtBr = {
  'page.run.by': 'por {name}',
  'page.run.confirmed_by': 'confirmado por {name}',
  'page.run.state_cancelled': 'cancelado',
  'page.run.state_done': 'concluído',
  'page.run.state_failed': 'falhou',
  'page.run.state_interrupted': 'interrompido',
  'page.run.state_pending': 'pendente',
  'page.run.state_restarting': 'reiniciando',
  'page.run.state_running': 'em curso',
  'page.run.state_skipped': 'pulado',
  'page.run.state_tolerated': 'falhou, seguiu',
} as const;
