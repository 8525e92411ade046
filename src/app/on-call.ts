import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { receiverTarget } from '../alert/notify/targets.ts';
import { nameOfId } from '../auth/directory.ts';
import { secondsToMs } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { repeat } from '../stage.ts';
import { registerEscalateRoute } from '../http/routes/escalate.ts';
import { registerOnCallRoutes, type OnCallRouteDeps } from '../http/routes/oncall.ts';
import { escalateDue, type EscalateOptions } from '../oncall/escalate.ts';
import { createEscalateNow, type EscalateNow } from '../oncall/escalate-now.ts';
import { quietHoursOf } from '../oncall/escalation.ts';
import { createOnCall, type OnCall, type OnCallDeps } from '../oncall/oncall.ts';
import { placeOf } from '../oncall/rota.ts';
import { onCallDeps } from './oncall-deps.ts';
import { receiverLocale } from './receiver-locale.ts';

const LOOK_MS = 5000;

export interface OnCallSideDeps extends Pick<OnCallDeps, 'database' | 'clock' | 'act' | 'directory'>, Pick<OnCallRouteDeps, 'language'> {
  readonly log: Logger;
  /** The data directory. */
  readonly root: string;
  /** Resolves when the database is there. */
  readonly ready: Promise<unknown>;
  /** Called with what ends the escalation. */
  readonly undo: (name: string, step: () => Promise<void>) => void;
}

/** Who is on call, its routes, and the escalation, which begins when the database is there. */
export function createOnCallSide(
  config: Config,
  deps: OnCallSideDeps,
): { readonly oncall: OnCall; readonly escalate: EscalateNow; readonly registerRoutes: (app: FastifyInstance) => void } {
  const oncall = createOnCall(onCallDeps(config, deps));
  const options = escalateOptions(config, oncall, deps);
  if (config.oncall.escalation.length > 0) deps.undo('escalation', startEscalation(options, deps));
  const escalate = createEscalateNow({ ...deps, options });
  const registerRoutes = (app: FastifyInstance): void => {
    registerOnCallRoutes(app, { ...deps, oncall, policy: policyOf(config) });
    registerEscalateRoute(app, { escalate });
  };
  return { oncall, escalate, registerRoutes };
}

/** What people may read of the configuration. */
function policyOf({ oncall, people }: Config): OnCallRouteDeps['policy'] {
  const { from, until, severities } = oncall.quiet_hours;
  return {
    schedules: oncall.schedules,
    escalation: oncall.escalation,
    quiet_hours: from === undefined || until === undefined ? null : { from, until, severities },
    people: people.map(({ id, name }) => ({ id, name })),
  };
}

function escalateOptions(config: Config, oncall: OnCall, { directory }: Pick<OnCallSideDeps, 'directory'>): EscalateOptions {
  const { escalation: policies, quiet_hours } = config.oncall;
  const hours = quietHoursOf(quiet_hours.from, quiet_hours.until, placeOf(config.time_zone, new Set()));
  return {
    policies,
    quiet: hours === null ? null : { hours, severities: quiet_hours.severities },
    onCall: async (schedules, time) => {
      if (schedules.length === 0) return [];
      return (await oncall.at(time)).flatMap(({ schedule, person }) =>
        schedules.includes(schedule) && person !== null ? [person.id] : [],
      );
    },
    nameOf: nameOfId(directory),
    localeOf: receiverLocale(config),
    externalUrl: config.alert.external_url ?? '',
    receivers: config.alert.receivers.map((receiver) => ({
      name: receiver.name,
      send_resolved: receiver.send_resolved,
      target: receiverTarget(receiver),
    })),
    repeatIntervalMs: secondsToMs(config.alert.repeat_interval_s),
    groupIntervalMs: secondsToMs(config.alert.group_interval_s),
  };
}

/** Looks from when the program is ready. Returns how to stop. */
function startEscalation(options: EscalateOptions, { database, clock, log, ready }: OnCallSideDeps): () => Promise<void> {
  const look = (): Promise<void> => escalateDue(database, options, Math.round(clock.now()));
  const loop = repeat(look, { everyMs: LOOK_MS, log, failure: 'escalation failed to read alerts, retrying' });
  ready.then(loop.start, () => undefined);
  return loop.stop;
}
