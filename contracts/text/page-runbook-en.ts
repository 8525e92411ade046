import type { pageRunbookPtBr } from './page-runbook-pt-br.ts';

/** Texts of the pages of runbooks in English. */
export const pageRunbookEn: Record<keyof typeof pageRunbookPtBr, string> = {
  'page.run.by': 'by {name}',
  'page.run.confirmed_by': 'confirmed by {name}',
  'page.run.state_cancelled': 'cancelled',
  'page.run.state_done': 'done',
  'page.run.state_failed': 'failed',
  'page.run.state_interrupted': 'interrupted',
  'page.run.state_pending': 'pending',
  'page.run.state_restarting': 'restarting',
  'page.run.state_running': 'running',
  'page.run.state_skipped': 'skipped',
  'page.run.state_tolerated': 'failed, went on',
};
