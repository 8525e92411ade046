import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Cli } from '../cli.ts';
import { durationMinutes } from '../duration.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

interface RespondOptions {
  readonly undo?: true;
  readonly comment?: string;
  readonly url?: string;
}

/** `guardian ack <alert>`; asks the running server. */
export function registerAck({ cli, add, run }: CommandRegistry): void {
  add('ack <alert>', cli.say('ack.about'), 'guardian ack an_3f9c1a7e5b20 --comment "on the phone with the acquirer"')
    .option('--undo', cli.say('opt.ack_undo'))
    .option('--comment <text>', cli.say('opt.comment'))
    .option('--url <url>', cli.say('opt.url'))
    .action(run((alert: string, options: RespondOptions) => respond(cli, alert, 'acknowledge', options)));
}

/** `guardian snooze <alert> --for 15m`; asks the running server. */
export function registerSnooze({ cli, add, run }: CommandRegistry): void {
  add('snooze <alert>', cli.say('snooze.about'), 'guardian snooze an_3f9c1a7e5b20 --for 1h')
    .option('--for <duration>', cli.say('opt.for'), '15m')
    .option('--undo', cli.say('opt.snooze_undo'))
    .option('--comment <text>', cli.say('opt.comment'))
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run((alert: string, options: RespondOptions & { for: string }) =>
        respond(cli, alert, 'snooze', options, { minutes: durationMinutes(cli, '--for', options.for) }),
      ),
    );
}

async function respond(
  cli: Cli,
  alert: string,
  kind: 'acknowledge' | 'snooze',
  { undo, comment, url }: RespondOptions,
  body: object = {},
): Promise<number> {
  const client = createServerClient(cli, serverUrl(cli.cwd, cli.config(), url));
  const path = `/alerts/${encodeURIComponent(alert)}/${kind}`;
  const view =
    undo === true
      ? await client.send<AlertView>('DELETE', path)
      : await client.send<AlertView>('POST', path, { ...body, ...(comment === undefined ? {} : { comment }) });
  const clock = localDate(cli, await zoneOfServer(client, cli.config()), 'day');
  cli.print(view.summary.split('\n')[0] ?? '');
  for (const line of stateLines(cli, view, clock)) cli.print(`  ${line}`);
  return 0;
}

/** What holds an alert back, a line each. */
function stateLines(cli: Cli, state: AlertView, clock: (iso: string) => string): string[] {
  const { acknowledged_by: owner, acknowledged_until: until, snoozed_by: snoozer, snoozed_until: end } = state;
  const lines: string[] = [];
  if (owner !== null)
    lines.push(
      until === null ? cli.say('ack.owned', { name: owner.name }) : cli.say('ack.owned_until', { name: owner.name, until: clock(until) }),
    );
  if (snoozer !== null && end !== null) lines.push(cli.say('snooze.until', { name: snoozer.name, until: clock(end) }));
  for (const id of state.silenced_by) lines.push(cli.say('silence.by', { id }));
  for (const fingerprint of state.inhibited_by) lines.push(cli.say('silence.inhibited', { fingerprint }));
  return lines.length === 0 ? [cli.say('ack.free')] : lines;
}
