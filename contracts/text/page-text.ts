import { pageAlertEn } from './page-alert-en.ts';
import { pageAlertPtBr } from './page-alert-pt-br.ts';
import { auditEn } from './audit-en.ts';
import { auditPtBr } from './audit-pt-br.ts';
import { incidentEn } from './incident-en.ts';
import { incidentPtBr } from './incident-pt-br.ts';
import { pageIncidentEn } from './page-incident-en.ts';
import { pageIncidentPtBr } from './page-incident-pt-br.ts';
import { pageRunbookEn } from './page-runbook-en.ts';
import { pageRunbookPtBr } from './page-runbook-pt-br.ts';
import { createTexts } from './render-text.ts';

const ptBr = { ...auditPtBr, ...incidentPtBr, ...pageIncidentPtBr, ...pageAlertPtBr, ...pageRunbookPtBr };

export type PageTextKey = keyof typeof ptBr;

/** The part of the catalogue of the console's pages that are loaded when somebody opens them. */
export const { text: pageText, isTextKey: isPageTextKey } = createTexts<PageTextKey>({
  'pt-BR': ptBr,
  en: { ...auditEn, ...incidentEn, ...pageIncidentEn, ...pageAlertEn, ...pageRunbookEn },
});
