import { pageMaintenancePtBr } from './page-maintenance-pt-br.ts';
import { pageShiftPtBr } from './page-shift-pt-br.ts';
import { pageAlertPtBr } from './page-alert-pt-br.ts';
import { pageRunbookPtBr } from './page-runbook-pt-br.ts';
import { pageIncidentPtBr } from './page-incident-pt-br.ts';
import { auditPtBr } from './audit-pt-br.ts';
import { briefingPtBr } from './briefing-pt-br.ts';
import { alertPtBr } from './alert-pt-br.ts';
import { chatPtBr } from './chat-pt-br.ts';
import { cliPtBr } from './cli-pt-br.ts';
import { clawdbotCliPtBr } from './clawdbot-cli-pt-br.ts';
import { cliFailurePtBr } from './cli-failure-pt-br.ts';
import { consolePtBr } from './console-pt-br.ts';
import { deskPtBr } from './desk-pt-br.ts';
import { incidentPtBr } from './incident-pt-br.ts';
import { notifyPtBr } from './notify-pt-br.ts';
import { onCallPtBr } from './oncall-pt-br.ts';
import { problemPtBr } from './problem-pt-br.ts';
import { healthPtBr } from './health-pt-br.ts';
import { reasonPtBr } from './reason-pt-br.ts';
import { respondCliPtBr } from './respond-cli-pt-br.ts';
import { respondConsolePtBr } from './respond-console-pt-br.ts';
import { signInPtBr } from './sign-in-pt-br.ts';
import { silencePtBr } from './silence-pt-br.ts';
import { storeCliPtBr } from './store-cli-pt-br.ts';
import { runbookPtBr } from './runbook-pt-br.ts';
import { runbookCliPtBr } from './runbook-cli-pt-br.ts';
import { wordsPtBr } from './words-pt-br.ts';

/** Texts in Brazilian Portuguese, sorted by prefix; the placeholders are explained in `text.ts`. */
export const ptBr = {
  ...briefingPtBr,

  ...alertPtBr,

  ...chatPtBr,

  ...cliPtBr,
  ...clawdbotCliPtBr,
  ...cliFailurePtBr,

  ...consolePtBr,

  ...incidentPtBr,
  ...notifyPtBr,
  ...onCallPtBr,

  ...problemPtBr,

  ...healthPtBr,
  ...reasonPtBr,

  ...respondCliPtBr,

  ...respondConsolePtBr,
  ...deskPtBr,
  ...signInPtBr,

  ...silencePtBr,
  ...runbookPtBr,
  ...runbookCliPtBr,
  ...storeCliPtBr,

  ...wordsPtBr,

  ...auditPtBr,

  ...pageIncidentPtBr,

  ...pageRunbookPtBr,

  ...pageAlertPtBr,

  ...pageMaintenancePtBr,
  ...pageShiftPtBr,
} as const;
