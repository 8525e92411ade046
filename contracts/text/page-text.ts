import { runbookEn } from './runbook-en.ts';
import { runbookPtBr } from './runbook-pt-br.ts';
import { pageMaintenanceEn } from './page-maintenance-en.ts';
import { pageShiftEn } from './page-shift-en.ts';
import { pageMaintenancePtBr } from './page-maintenance-pt-br.ts';
import { pageShiftPtBr } from './page-shift-pt-br.ts';
import { pageAlertEn } from './page-alert-en.ts';
import { pageAlertPtBr } from './page-alert-pt-br.ts';
import { auditEn } from './audit-en.ts';
import { auditPtBr } from './audit-pt-br.ts';
import { healthEn } from './health-en.ts';
import { healthPtBr } from './health-pt-br.ts';
import { incidentEn } from './incident-en.ts';
import { incidentPtBr } from './incident-pt-br.ts';
import { pageIncidentEn } from './page-incident-en.ts';
import { pageIncidentPtBr } from './page-incident-pt-br.ts';
import { pageRunbookEn } from './page-runbook-en.ts';
import { pageRunbookPtBr } from './page-runbook-pt-br.ts';
import { createTexts } from './render-text.ts';

const ptBr = {
  ...auditPtBr,
  ...healthPtBr,
  ...runbookPtBr,
  ...incidentPtBr,
  ...pageIncidentPtBr,
  ...pageMaintenancePtBr,
  ...pageShiftPtBr,
  ...pageAlertPtBr,
  ...pageRunbookPtBr,
};

export type PageTextKey = keyof typeof ptBr;

/** The part of the catalogue of the console's pages that are loaded when somebody opens them. */
export const {
  text: pageText,
  isTextKey: isPageTextKey,
  reasonText: pageReasonText,
} = createTexts<PageTextKey>({
  'pt-BR': ptBr,
  en: {
    ...auditEn,
    ...healthEn,
    ...runbookEn,
    ...incidentEn,
    ...pageIncidentEn,
    ...pageMaintenanceEn,
    ...pageShiftEn,
    ...pageAlertEn,
    ...pageRunbookEn,
  },
});
