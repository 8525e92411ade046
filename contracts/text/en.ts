import { pageMaintenanceEn } from './page-maintenance-en.ts';
import { pageShiftEn } from './page-shift-en.ts';
import { pageAlertEn } from './page-alert-en.ts';
import { pageRunbookEn } from './page-runbook-en.ts';
import { pageIncidentEn } from './page-incident-en.ts';
import { auditEn } from './audit-en.ts';
import { briefingEn } from './briefing-en.ts';
import { alertEn } from './alert-en.ts';
import { chatEn } from './chat-en.ts';
import { cliEn } from './cli-en.ts';
import { clawdbotCliEn } from './clawdbot-cli-en.ts';
import { cliFailureEn } from './cli-failure-en.ts';
import { consoleEn } from './console-en.ts';
import { deskEn } from './desk-en.ts';
import { incidentEn } from './incident-en.ts';
import { notifyEn } from './notify-en.ts';
import { onCallEn } from './oncall-en.ts';
import { problemEn } from './problem-en.ts';
import { healthEn } from './health-en.ts';
import { reasonEn } from './reason-en.ts';
import { respondCliEn } from './respond-cli-en.ts';
import { respondConsoleEn } from './respond-console-en.ts';
import { signInEn } from './sign-in-en.ts';
import { silenceEn } from './silence-en.ts';
import { storeCliEn } from './store-cli-en.ts';
import { runbookEn } from './runbook-en.ts';
import { runbookCliEn } from './runbook-cli-en.ts';
import { wordsEn } from './words-en.ts';
import type { ptBr } from './pt-br.ts';

/** Texts in English: the same keys as `pt-br.ts`, which the type enforces. */
export const en: Record<keyof typeof ptBr, string> = {
  ...briefingEn,

  ...alertEn,

  ...chatEn,

  ...cliEn,
  ...clawdbotCliEn,
  ...cliFailureEn,

  ...consoleEn,

  ...incidentEn,
  ...notifyEn,
  ...onCallEn,

  ...problemEn,

  ...healthEn,
  ...reasonEn,

  ...respondCliEn,

  ...respondConsoleEn,
  ...deskEn,
  ...signInEn,

  ...silenceEn,
  ...runbookEn,
  ...runbookCliEn,
  ...storeCliEn,

  ...wordsEn,

  ...auditEn,

  ...pageIncidentEn,

  ...pageRunbookEn,

  ...pageAlertEn,

  ...pageMaintenanceEn,
  ...pageShiftEn,
};
