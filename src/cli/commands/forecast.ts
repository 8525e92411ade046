import type { Forecast } from '@transaction-guardian/contracts/forecast.ts';
import type { Cli } from '../cli.ts';
import { localDate } from '../local-date.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

interface Options {
  readonly url?: string;
  readonly json?: boolean;
  readonly node: string;
  readonly minutes: string;
  readonly step?: string;
}

/** `guardian forecast`: the expected counts of the next minutes and hours, one step a line. */
export function registerForecast({ cli, add, run }: CommandRegistry): void {
  add('forecast', cli.say('forecast.about'), 'guardian forecast --node status:denied --minutes 360')
    .option('--node <node>', cli.say('opt.forecast.node'), 'fleet')
    .option('--minutes <n>', cli.say('opt.forecast.minutes'), '60')
    .option('--step <n>', cli.say('opt.forecast.step'))
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async (options: Options) => {
        const { node, minutes, step } = options;
        const query = new URLSearchParams({ node, minutes, ...(step === undefined ? {} : { step }) });
        const client = createServerClient(cli, serverUrl(cli.cwd, cli.config(), options.url));
        const forecast = await client.get<Forecast>(`/forecast?${query.toString()}`);
        cli.print(
          options.json === true ? JSON.stringify(forecast, null, 2) : inWords(cli, forecast, await zoneOfServer(client, cli.config())),
        );
        return 0;
      }),
    );
}

function inWords(cli: Cli, forecast: Forecast, timeZone: string): string {
  if (forecast.items.length === 0) return cli.say('forecast.none');
  const clock = localDate(cli, timeZone, 'day');
  const lines = forecast.items.map(({ minute, expected, low80, high80, low99, high99, learning }) => {
    const line = cli.say('forecast.line', { at: clock(minute), expected, low80, high80, low99, high99 });
    return learning ? `${line}  ${cli.say('forecast.learning')}` : line;
  });
  const drifts = forecast.drifts.map(({ node, crosses_at, confirmed, measured }) =>
    cli.say('forecast.drift', { node, at: clock(crosses_at), confirmed, measured }),
  );
  return [cli.say('forecast.head', { node: forecast.node, minutes: forecast.step_minutes }), ...lines, ...drifts].join('\n');
}
