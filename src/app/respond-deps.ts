import { inhibitRulesOf } from '../alert/inhibit/rules.ts';
import { createInhibit } from '../alert/inhibit/inhibit.ts';
import type { Act } from '../auth/act.ts';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { RespondDeps } from '../respond/act.ts';

/** What the verbs about alerts take from the configuration. */
export function respondDeps(config: Pick<Config, 'alert' | 'time_zone'>, deps: { readonly act: Act; readonly clock: Clock }): RespondDeps {
  return {
    ...deps,
    holds: {
      inhibit: createInhibit(inhibitRulesOf(config.alert)),
      groupIntervalMs: Math.round(secondsToMs(config.alert.group_interval_s)),
    },
    ackTimeoutMs: Math.round(secondsToMs(config.alert.ack_timeout_s)),
    timeZone: config.time_zone,
  };
}
