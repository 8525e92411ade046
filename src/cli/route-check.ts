import type { Config } from '../config/config-schema.ts';
import type { Cli } from './cli.ts';
import type { Check } from './doctor-checks.ts';

/** Whether every receiver can get an alert: one that no route names gets none where a route takes all that reaches it, and neither
 *  does what stands below such a route. What cannot be read is a problem of the configuration. Null without routes. */
export function checkRoutes(cli: Pick<Cli, 'say'>, { alert }: Pick<Config, 'alert'>): Check | null {
  if (alert.routes.length === 0) return null;
  const name = cli.say('doctor.routes');
  const end = alert.routes.findIndex(({ matchers, continue: goesOn }) => matchers.length === 0 && !goesOn);
  const reached = end === -1 ? alert.routes : alert.routes.slice(0, end + 1);
  const named = new Set(reached.flatMap(({ receivers }) => receivers));
  const left = end === -1 ? [] : alert.receivers.filter((receiver) => !named.has(receiver.name)).map((receiver) => receiver.name);
  if (left.length > 0) return { name, ok: true, warning: true, detail: cli.say('doctor.routes.left', { receivers: left.join(', ') }) };
  if (end !== -1 && end < alert.routes.length - 1)
    return { name, ok: true, warning: true, detail: cli.say('doctor.routes.below', { index: end }) };
  return { name, ok: true, detail: cli.say('doctor.routes.ok', { n: alert.routes.length }) };
}
