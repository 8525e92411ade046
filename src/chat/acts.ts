import type { ActsElsewhere } from '../alertmanager/held.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { IncidentService } from '../incident/incident-service.ts';
import type { BriefingService } from '../briefing/briefing-service.ts';
import type { EscalateNow } from '../oncall/escalate-now.ts';
import type { OnCall } from '../oncall/oncall.ts';
import type { RespondDeps } from '../respond/act.ts';
import type { RunbookService } from '../runbook/runbook-service.ts';
import type { RunbookReader } from '../runbook/runbook-view.ts';
import type { FeedbackService } from '../verdict/feedback-service.ts';

/** The places that act for people; each asks the permission, acts once for a message and writes the audit. */
export interface Acts {
  readonly feedback: Pick<FeedbackService, 'give' | 'list'>;
  readonly respond: RespondDeps;
  /** On alerts that only Alertmanager has; absent where none is configured. */
  readonly elsewhere?: ActsElsewhere | undefined;
  readonly incidents: Pick<IncidentService, 'open' | 'change' | 'note' | 'read' | 'list' | 'figures'>;
  readonly oncall: Pick<OnCall, 'at'>;
  readonly signIn: Pick<SignIn, 'mintLink' | 'linkUrl'>;
  readonly escalate: EscalateNow;
  readonly briefings: Pick<BriefingService, 'now' | 'read' | 'waiting' | 'accept' | 'demote'>;
  readonly runbooks: {
    readonly service: Pick<RunbookService, 'request' | 'confirm' | 'run' | 'runs' | 'cancel' | 'resume'>;
    readonly reader: Pick<RunbookReader, 'list' | 'find'>;
  };
}
