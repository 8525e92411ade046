import type { IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { AlertState } from '@transaction-guardian/contracts/alert-state.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import type { Maintenance, MaintenanceInput, Silence, SilenceInput } from '@transaction-guardian/contracts/silence.ts';
import { NO_STATE } from '@transaction-guardian/contracts/no-state.ts';
import { makeAlert } from './fake-company.ts';

const MINUTE_MS = 60_000;
const ANA = { id: 'session:ana', name: 'Ana' };

/** What a request that acts is answered. */
interface FakeAnswer {
  readonly status: number;
  readonly body: object;
}

/** The part of the fake server in which people respond to alerts. */
export interface FakeRespond {
  alertOf(anomaly: AnomalyView): AlertView;
  silences(status: string | null): Silence[];
  windows(): Maintenance[];
  /** Undefined for a route that is not about alerts. */
  act(request: IncomingMessage, path: string): Promise<FakeAnswer | undefined>;
}

export function createFakeRespond(anomalies: () => readonly AnomalyView[], changed: (alert: AlertView) => void): FakeRespond {
  const states = new Map<string, Partial<AlertState>>();
  const silences: Silence[] = [];
  const windows: Maintenance[] = [];
  const iso = (minutes: number): string => new Date(Date.now() + minutes * MINUTE_MS).toISOString();
  const alertOf = (anomaly: AnomalyView): AlertView => ({ ...makeAlert(anomaly), ...NO_STATE, ...states.get(anomaly.id) });

  const set = (alert: AlertView, state: Partial<AlertState>): FakeAnswer => {
    states.set(alert.anomaly_id, { ...states.get(alert.anomaly_id), ...state });
    const now = { ...alert, ...state };
    changed(now);
    return { status: 200, body: now };
  };
  const firing = (): AlertView[] =>
    anomalies()
      .filter(({ status }) => status === 'open')
      .map(alertOf);

  function respond(id: string, verb: string, body: { readonly minutes?: number }): FakeAnswer {
    const alert = firing().find(({ fingerprint }) => fingerprint === decodeURIComponent(id));
    if (alert === undefined) return { status: 404, body: { detail: 'Não há alerta com este id.' } };
    switch (verb) {
      case 'POST acknowledge':
        return set(alert, { acknowledged_by: ANA, acknowledged_at: iso(0), acknowledged_until: iso(30) });
      case 'DELETE acknowledge':
        return set(alert, { acknowledged_by: null, acknowledged_at: null, acknowledged_until: null });
      case 'POST snooze':
        return set(alert, { snoozed_by: ANA, snoozed_until: iso(body.minutes ?? 15) });
      default:
        return set(alert, { snoozed_by: null, snoozed_until: null });
    }
  }

  function silence(input: SilenceInput): FakeAnswer {
    if (input.reason === '4711') return { status: 422, body: { errors: [{ field: 'reason', rule: 'blank', message: 'diga mais' }] } };
    const alert = firing().find(({ fingerprint }) => fingerprint === input.alert_id);
    const made: Silence = {
      ...{ id: `si_${silences.length + 1}`, status: 'active', reason: input.reason, created_by: ANA, ended_by: null, maintenance_id: null },
      matchers: input.matchers ?? [`alertname="${alert?.name ?? ''}"`, 'auth_code="51"', 'merchant_id=""'],
      max_severity: input.max_severity ?? alert?.severity ?? 'critical',
      ...{ starts_at: iso(0), ends_at: iso(input.minutes ?? 60), created_at: iso(0), updated_at: iso(0) },
      hidden: alert === undefined ? [] : [{ ...alert, hidden_at: iso(0), is_firing: true }],
      hidden_count: alert === undefined ? 0 : 1,
    };
    silences.unshift(made);
    if (alert !== undefined) set(alert, { silenced_by: [made.id] });
    return { status: 201, body: made };
  }

  function end(id: string): FakeAnswer {
    const index = silences.findIndex((one) => one.id === id);
    const found = silences[index];
    if (found === undefined) return { status: 404, body: {} };
    silences[index] = { ...found, status: 'expired', ends_at: iso(0), ended_by: ANA };
    for (const alert of firing()) if (alert.silenced_by.includes(id)) set(alert, { silenced_by: [] });
    return { status: 200, body: silences[index] };
  }

  function plan(input: MaintenanceInput): FakeAnswer {
    const made: Maintenance = {
      ...{
        id: `mw_${windows.length + 1}`,
        status: 'planned',
        name: input.name,
        matchers: input.matchers,
        max_severity: 'critical',
        once: null,
      },
      weekly: input.weekly === undefined ? null : { time_zone: 'America/Sao_Paulo', ...input.weekly },
      next: { starts_at: iso(600), ends_at: iso(720) },
      ...{ created_by: ANA, created_at: iso(0), ended_by: null },
    };
    windows.push(made);
    return { status: 201, body: made };
  }

  return {
    alertOf,
    silences: (status) => silences.filter((one) => status === null || one.status === status),
    windows: () => [...windows],
    async act(request, path) {
      const read = async <T>(): Promise<T> => JSON.parse((await textOf(request)) || '{}') as T;
      const [, id = '', verb] = /^\/alerts\/([^/]+)\/(acknowledge|snooze)$/.exec(path) ?? [];
      if (verb !== undefined) return respond(id, `${request.method} ${verb}`, await read());
      if (path === '/silences') return silence(await read());
      if (path === '/maintenance') return plan(await read());
      const ended = /^\/silences\/([^/]+)$/.exec(path)?.[1];
      return ended === undefined ? undefined : end(ended);
    },
  };
}
