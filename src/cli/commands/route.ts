import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { createRouteTrace, createRouting, routedByDefault } from '../../alert/route/route.ts';
import { GuardianError } from '../../errors.ts';
import { LABEL_NAMES } from '../../match/matcher.ts';
import type { Cli } from '../cli.ts';
import { settledConfig } from '../local-app.ts';
import type { CommandRegistry } from '../registry.ts';

/** `guardian route test`: where an alert with these labels would go, by the configuration. */
export function registerRoute({ cli, add, run }: CommandRegistry): void {
  const parent = add('route', cli.say('route.about'), 'guardian route test severity=critical');
  add('test [labels...]', cli.say('route.test'), 'guardian route test severity=critical type=no_data merchant_id=m-1', parent)
    .option('--json', cli.say('opt.json'))
    .action(run((labels: string[], { json }: { json?: true }) => testCommand(cli, labels, json === true)));
}

function testCommand(cli: Cli, texts: readonly string[], isJson: boolean): number {
  const labels = Object.fromEntries(texts.map((text) => labelOf(cli, text)));
  const { alert } = settledConfig(cli, cli.config());
  const steps = createRouteTrace(alert.routes)(labels);
  const routed = createRouting(alert.routes, routedByDefault(alert.receivers))(labels);
  const severity = SEVERITIES.find((one) => one === labels['severity']);
  const gets = alert.receivers.filter(({ name, severities }) => {
    const how = routed.get(name);
    if (how === undefined) return false;
    if (severities !== undefined) return severity === undefined || severities.includes(severity);
    return how === 'named' || labels['type'] !== 'drift_warning';
  });
  const receivers = gets.map(({ name }) => name);
  if (isJson) cli.print(JSON.stringify({ routes: steps.map(({ index }) => index), receivers }, null, 2));
  else {
    if (steps.length === 0) cli.print(cli.say('route.none'));
    for (const step of steps)
      cli.print(cli.say(step.goesOn ? 'route.step_on' : 'route.step', { index: step.index, receivers: step.receivers.join(', ') }));
    for (const { name, severities } of alert.receivers)
      if (routed.has(name) && !receivers.includes(name))
        cli.print(cli.say('route.refused', { name, severities: (severities ?? []).join(', ') }));
    cli.print(receivers.length === 0 ? cli.say('route.nobody') : cli.say('route.receivers', { receivers: receivers.join(', ') }));
  }
  return 0;
}

function labelOf(cli: Cli, text: string): readonly [string, string] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at));
  const known: readonly string[] = LABEL_NAMES;
  if (!known.includes(name)) throw new GuardianError('USAGE', cli.say('route.label', { text, labels: LABEL_NAMES.join(', ') }));
  return [name, text.slice(at + 1).replace(/^"(.*)"$/, '$1')];
}
