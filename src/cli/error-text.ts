import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { layoutReason } from '../csv/layout-error.ts';
import { configSentence, type ConfigProblem } from '../config/config-problem.ts';
import { isTextKey, text } from '@transaction-guardian/contracts/text/text.ts';
import { isGuardianError, messageOf, type ErrorCode, type GuardianError } from '../errors.ts';
import type { Cli, CliKey } from './cli.ts';

type Words = Pick<Cli, 'say' | 'locale'>;

/** Sentences of refused starts, by rule. */
const REFUSALS: Readonly<Record<string, CliKey>> = {
  role_demo: 'error.role_demo',
  role_port: 'error.role_port',
  role_several: 'error.role_several',
  role_unknown: 'error.role_unknown',
  backup_damaged: 'error.backup_damaged',
  backup_engine: 'error.backup_engine',
  backup_exists: 'error.backup_exists',
  backup_newer: 'error.backup_newer',
  backup_not_empty: 'error.backup_not_empty',
  backup_not_one: 'error.backup_not_one',
  backup_other_format: 'error.backup_other_format',
  socket_failed: 'error.socket_failed',
  socket_path: 'error.socket_path',
};

/** Less than a start writes. */
const LEAST_BYTES = 1_048_576;

/** True when the disk of a file is full, whatever SQLite says of it (`disk I/O error`). */
function isDiskFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < LEAST_BYTES;
  } catch {
    return false;
  }
}

/** What went wrong in the person's language: by code and data, else by the rule, else by the code alone with the error's own English as
 *  its detail. What the command line itself throws is in the person's language already. */
export function errorText(cli: Words, error: unknown): string {
  const message = messageOf(error);
  if (!isGuardianError(error)) return text(cli.locale, 'cli.failure.unexpected', { message });
  if (SAID.has(error.code)) return message;
  const sentence = known(cli, error);
  if (sentence !== undefined) return sentence;
  const key = [`cli.failure.${error.rule}`, `cli.failure.${error.code}`].find(isTextKey) ?? 'cli.failure.unexpected';
  return text(cli.locale, key, { ...error.params, message });
}

/** Codes of errors that are made with the words of the reader. */
const SAID: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['USAGE', 'CLI_FILE', 'CLI_SERVER_REFUSED', 'CLI_SERVER_UNREACHABLE']);

function known(cli: Words, error: GuardianError): string | undefined {
  const { code, data, cause } = error;
  switch (code) {
    case 'CONFIG_INVALID': {
      if (!Array.isArray(data['problems'])) return undefined;
      const problems = data['problems'] as readonly ConfigProblem[];
      const lines = problems.map((problem) => `  ${configSentence(cli.locale, problem)}`);
      return [cli.say('error.config', { n: problems.length }), ...lines].join('\n');
    }
    case 'APP_PORT_IN_USE': {
      const { host, port } = data;
      return typeof port === 'number' ? cli.say('error.port', { host: String(host), port: String(port) }) : undefined;
    }
    case 'APP_DATA_DIR': {
      const { path } = data;
      if (typeof path !== 'string' || cause === undefined) return undefined;
      const message = messageOf(cause);
      return cli.say(isDiskFull(path) ? 'error.data_dir_full' : 'error.data_dir', { path, message });
    }
    case 'APP_ALREADY_RUNNING': {
      const { root, pid } = data;
      if (typeof root !== 'string') return undefined;
      return typeof pid === 'number'
        ? cli.say('error.already_running', { root, pid: String(pid) })
        : cli.say('error.already_running_unknown', { root });
    }
    case 'BACKUP_INVALID':
    case 'BACKUP_TARGET':
    case 'APP_ROLE':
    case 'APP_SOCKET': {
      const key = REFUSALS[error.rule ?? ''];
      return key === undefined ? undefined : cli.say(key, error.params);
    }
    case 'AUTH_TOKEN_CONFIGURED':
      return text(cli.locale, 'problem.detail.AUTH_TOKEN_CONFIGURED');
    case 'AUTH_ROLE':
      return text(cli.locale, 'problem.detail.AUTH_ROLE', { verb: String(data['verb']), role: String(data['role']) });
    case 'CSV_LAYOUT':
      return isTextKey(`problem.csv.${error.rule}`) ? layoutReason(cli.locale, error) : undefined;
    default:
      return undefined;
  }
}
