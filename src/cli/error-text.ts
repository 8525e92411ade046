import { text } from '@transaction-guardian/contracts/text/text.ts';
import type { ConfigProblem } from '../config/config-load.ts';
import { isGuardianError, messageOf, type GuardianError } from '../errors.ts';
import type { Cli, CliKey } from './cli.ts';
import { configSentence, csvSentence } from './known-sentences.ts';

type Words = Pick<Cli, 'say' | 'locale'>;

/** One problem of the configuration: setting, rule, origin. */
export function configProblemText(cli: Words, { setting, message, origin }: ConfigProblem): string {
  return `${setting} ${configSentence(cli, message)} (${origin.name})`;
}

/** What went wrong in the person's language, by code and data; the error's own English where the catalogue has nothing. */
export function errorText(cli: Words, error: unknown): string {
  return (isGuardianError(error) ? known(cli, error) : undefined) ?? messageOf(error);
}

function known(cli: Words, { code, data, cause, message }: GuardianError): string | undefined {
  switch (code) {
    case 'CONFIG_INVALID': {
      if (!Array.isArray(data['problems'])) return undefined;
      const problems = data['problems'] as readonly ConfigProblem[];
      const lines = problems.map((problem) => `  ${configProblemText(cli, problem)}`);
      return [cli.say('error.config', { n: problems.length }), ...lines].join('\n');
    }
    case 'APP_PORT_IN_USE': {
      const { host, port } = data;
      return typeof port === 'number' ? cli.say('error.port', { host: String(host), port: String(port) }) : undefined;
    }
    case 'APP_DATA_DIR': {
      const { path } = data;
      if (typeof path !== 'string' || cause === undefined) return undefined;
      return cli.say('error.data_dir', { path, message: messageOf(cause) });
    }
    case 'APP_ALREADY_RUNNING': {
      const { root, pid } = data;
      if (typeof root !== 'string') return undefined;
      return typeof pid === 'number'
        ? cli.say('error.already_running', { root, pid: String(pid) })
        : cli.say('error.already_running_unknown', { root });
    }
    case 'CSV_LAYOUT':
      return fileText(cli, data) ?? csvLayoutText(cli, data['reason'], message);
    default:
      return undefined;
  }
}

/** What is wrong with a file as a whole, by the rule that the error names; undefined without one. */
function fileText(cli: Words, data: GuardianError['data']): string | undefined {
  const { rule, names, columns } = data;
  if (rule === 'empty') return cli.say('backtest.empty');
  if (rule === 'header') return cli.say('backtest.header', { names: String(names), columns: String(columns) });
  const whole = FILE_RULES[String(rule)];
  if (whole !== undefined) return cli.say(whole, { columns: String(columns), time: String(data['time']) });
  return undefined;
}

const FILE_RULES: Readonly<Record<string, CliKey>> = {
  format: 'backtest.format',
  no_header: 'backtest.no_header',
  same_time: 'backtest.same_time',
  several: 'backtest.several',
  twice: 'backtest.twice',
  unclear: 'backtest.unclear',
};

/** The sentence for a CSV that is not known; `reason` as the error carries it. */
export function csvLayoutText(cli: Words, reason: unknown, fallback: string): string {
  return typeof reason === 'string' ? text(cli.locale, 'problem.detail.CSV_LAYOUT', { reason: csvSentence(cli, reason) }) : fallback;
}
