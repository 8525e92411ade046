import { Type } from 'typebox';
import {
  AcknowledgeAllInput,
  AcknowledgedAlerts,
  AcknowledgeInput,
  AlertView,
  SnoozeInput,
} from '@transaction-guardian/contracts/alert-view.ts';
import { atText } from '@transaction-guardian/contracts/text/render-text.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { acknowledgeAlert, acknowledgeAlerts, unacknowledgeAlert, type UndoOutcome } from '../../respond/acknowledge.ts';
import type { RespondDeps } from '../../respond/act.ts';
import { snoozeAlert, unsnoozeAlert } from '../../respond/snooze.ts';
import { invalidBody } from '../body-fields.ts';
import { problemError } from '../problem.ts';
import { readAcknowledge, readAcknowledgeAll, readSnooze } from '../respond-body.ts';
import { actorOf, describeOnly } from '../route-config.ts';

export interface RespondRouteDeps {
  readonly respond: RespondDeps;
  readonly language: (request: FastifyRequest) => Locale;
}

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128, description: 'Fingerprint, or id of the anomaly.' }) });
const TAGS = ['alerts'];
const PROBLEMS = [400, 401, 403, 404, 406, 409, 415, 422, 503];
const UNDO_PROBLEMS = [400, 401, 403, 404, 503];

export const idOf = (request: FastifyRequest): string => (request.params as { readonly id: string }).id;

/** `POST` and `DELETE /alerts/:id/acknowledge` and `/alerts/:id/snooze`, `POST /alerts/acknowledge`. */
export function registerRespondRoutes(app: FastifyInstance, deps: RespondRouteDeps): void {
  registerAcknowledge(app, deps);
  registerAcknowledgeAll(app, deps);
  registerSnooze(app, deps);
  registerUndo(app, deps, 'acknowledge');
  registerUndo(app, deps, 'snooze');
}

function registerAcknowledge(app: FastifyInstance, { respond, language }: RespondRouteDeps): void {
  app.post('/alerts/:id/acknowledge', {
    config: { problems: PROBLEMS, bodyOptional: true },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'acknowledgeAlert',
      tags: TAGS,
      summary: 'Acknowledge a firing alert: the caller owns it',
      description:
        'It repeats and escalates no more until it resolves, becomes worse, or still fires after `alert.ack_timeout_s`. Of two people at once the first wins; the second is answered 409 and `ALERT_TAKEN`, with `owner`.',
      params: Params,
      body: AcknowledgeInput,
      response: { 200: AlertView },
    },
    handler: async (request) => {
      const locale = language(request);
      const input = { alertId: idOf(request), locale, ...readAcknowledge(request.body, locale) };
      const outcome = await acknowledgeAlert(respond, actorOf(request), input);
      if (outcome.kind === 'done') return outcome.alert;
      if (outcome.kind === 'unknown') throw noAlert(request);
      if (outcome.kind === 'not_firing') throw problemError('ALERT_NOT_FIRING');
      const { by, at } = outcome;
      const params = { name: by.name, at: atText(locale, Date.parse(at), { timeZone: respond.timeZone, nowMs: respond.clock.now() }) };
      throw problemError('ALERT_TAKEN', { params, extra: { owner: by, acknowledged_at: at } });
    },
  });
}

function registerAcknowledgeAll(app: FastifyInstance, { respond, language }: RespondRouteDeps): void {
  app.post('/alerts/acknowledge', {
    config: { problems: PROBLEMS.filter((status) => status !== 404 && status !== 409), bodyOptional: true },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'acknowledgeAlerts',
      tags: TAGS,
      summary: 'Acknowledge every firing alert that nobody owns, as one act',
      description: 'For a storm. What opens afterwards notifies as always.',
      body: AcknowledgeAllInput,
      response: { 200: AcknowledgedAlerts },
    },
    handler: async (request) => {
      const { alert_ids: alertIds, comment } = readAcknowledgeAll(request.body, language(request));
      return acknowledgeAlerts(respond, actorOf(request), { alertIds, comment });
    },
  });
}

function registerSnooze(app: FastifyInstance, { respond, language }: RespondRouteDeps): void {
  app.post('/alerts/:id/snooze', {
    config: { problems: PROBLEMS },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'snoozeAlert',
      tags: TAGS,
      summary: 'Snooze a firing alert, for a day at most',
      description: 'What becomes worse of the same cause notifies all the same. A second snooze sets another end.',
      params: Params,
      body: SnoozeInput,
      response: { 200: AlertView },
    },
    handler: async (request) => {
      const locale = language(request);
      const input = { alertId: idOf(request), locale, ...readSnooze(request.body, locale, respond.clock.now()) };
      const outcome = await snoozeAlert(respond, actorOf(request), input);
      if (outcome.kind === 'done') return outcome.alert;
      if (outcome.kind === 'unknown') throw noAlert(request);
      if (outcome.kind === 'not_firing') throw problemError('ALERT_NOT_FIRING');
      throw invalidBody([{ field: 'until', rule: outcome.rule, params: { days: 1 } }], locale);
    },
  });
}

const UNDO = {
  acknowledge: { operationId: 'unacknowledgeAlert', summary: 'Withdraw an acknowledgement, whoever gave it', undo: unacknowledgeAlert },
  snooze: { operationId: 'unsnoozeAlert', summary: 'End a snooze, whoever set it', undo: unsnoozeAlert },
} as const;

function registerUndo(app: FastifyInstance, { respond, language }: RespondRouteDeps, kind: keyof typeof UNDO): void {
  const { operationId, summary, undo } = UNDO[kind];
  app.delete(`/alerts/:id/${kind}`, {
    config: { problems: UNDO_PROBLEMS },
    schema: {
      ...{ operationId, summary, tags: TAGS, params: Params },
      description: 'The alert notifies again if it still fires.',
      response: { 200: AlertView },
    },
    handler: async (request) => {
      const outcome: UndoOutcome = await undo(respond, actorOf(request), { alertId: idOf(request), locale: language(request) });
      if (outcome.kind === 'done') return outcome.alert;
      if (outcome.kind === 'unknown') throw noAlert(request);
      throw problemError('HTTP_NOT_FOUND', { wording: kind === 'snooze' ? 'snooze' : 'acknowledgement' });
    },
  });
}

const noAlert = (request: FastifyRequest): Error => problemError('HTTP_NOT_FOUND', { wording: 'alert', params: { id: idOf(request) } });
