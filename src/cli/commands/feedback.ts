import type { Feedback, FeedbackPage, FeedbackResetDone, NodeEffect } from '@transaction-guardian/contracts/feedback.ts';
import { positiveNumber, type Cli } from '../cli.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

const DEFAULT_LIMIT = '50';

/** `guardian feedback list|reset`; asks the running server. */
export function registerFeedback({ cli, add, run }: CommandRegistry): void {
  const parent = add('feedback', cli.say('feedback.about'), 'guardian feedback list');
  add('list', cli.say('feedback.list'), 'guardian feedback list --limit 10', parent)
    .option('--limit <n>', cli.say('opt.limit'), DEFAULT_LIMIT)
    .option('--node <node>', cli.say('opt.feedback_node'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async (options: { limit: string; node?: string; url?: string; json?: boolean }) => {
        const limit = Math.min(1000, Math.ceil(positiveNumber(cli, '--limit', options.limit)));
        const query = new URLSearchParams({ limit: String(limit), ...(options.node === undefined ? {} : { node: options.node }) });
        const client = clientOf(cli, options.url);
        const page = await client.get<FeedbackPage>(`/feedback?${query.toString()}`);
        if (options.json === true) cli.print(JSON.stringify(page, null, 2));
        else for (const line of linesOf(cli, page, await zoneOfServer(client, cli.config()))) cli.print(line);
        return 0;
      }),
    );
  add('reset', cli.say('feedback.reset'), 'guardian feedback reset --node merchant:m-1', parent)
    .option('--node <node>', cli.say('opt.feedback_node'))
    .option('--all', cli.say('opt.feedback_all'))
    .option('--url <url>', cli.say('opt.url'))
    .action(
      run(async ({ url, ...wanted }: { node?: string; all?: true; url?: string }) => {
        const headers = { 'content-type': 'application/json' };
        const response = await clientOf(cli, url).request('/feedback/reset', {
          method: 'POST',
          headers,
          body: JSON.stringify(wanted),
        });
        const { undone } = (await response.json()) as FeedbackResetDone;
        cli.print(cli.say('feedback.undone', { n: undone }));
        return 0;
      }),
    );
}

function clientOf(cli: Cli, url: string | undefined): ServerClient {
  return createServerClient(cli, serverUrl(cli.cwd, cli.config(), url));
}

function linesOf(cli: Cli, { items, effects, useful_share }: FeedbackPage, timeZone: string): string[] {
  if (items.length === 0) return [cli.say('feedback.none')];
  const clock = localDate(cli, timeZone);
  const moved = effects.filter(({ threshold_shift_nats }) => threshold_shift_nats !== 0);
  return [
    ...items.flatMap((item) => feedbackLines(cli, clock, item)),
    ...(moved.length === 0 ? [cli.say('feedback.no_effect')] : [cli.say('feedback.effects'), ...moved.map((one) => effectLine(cli, one))]),
    ...(useful_share === null ? [] : [cli.say('feedback.share', { share: useful_share })]),
  ];
}

function feedbackLines(
  cli: Cli,
  clock: (iso: string) => string,
  { given_at, verdict, node, anomaly_id, by_name: by, ended, comment }: Feedback,
): string[] {
  const word = cli.say(`feedback.verdict.${verdict}`);
  const end = ended === null ? '' : cli.say('feedback.ended', { how: cli.say(`feedback.how.${ended.how}`) });
  const line = cli.say('feedback.line', { at: clock(given_at), verdict: word, node, anomaly: anomaly_id, by, ended: end });
  return comment === null ? [line] : [line, cli.say('feedback.comment', { comment })];
}

function effectLine(cli: Cli, { node, family, threshold_shift_nats, noise, useful }: NodeEffect): string {
  return cli.say('feedback.effect', { node, family: cli.say(`feedback.family.${family}`), shift: threshold_shift_nats, noise, useful });
}
