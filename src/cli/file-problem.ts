import { GuardianError, messageOf } from '../errors.ts';
import type { Cli, CliKey } from './cli.ts';

const KNOWN: Readonly<Record<string, CliKey>> = {
  ENOENT: 'file.missing',
  ENOTDIR: 'file.missing',
  EISDIR: 'file.folder',
  EACCES: 'file.denied',
  EPERM: 'file.denied',
  EROFS: 'file.denied',
  ENOSPC: 'file.full',
};

/** Why a file cannot be read or written, in the person's language; the system's own words where there are none. */
function fileProblem(cli: Pick<Cli, 'say'>, error: unknown): string {
  const key = error instanceof Error && 'code' in error ? KNOWN[String(error.code)] : undefined;
  return key === undefined ? messageOf(error) : cli.say(key);
}

/** CLI_FILE for a file that cannot be read (`error.file`) or written (`error.file_write`), with the reason in words. */
export function fileError(cli: Pick<Cli, 'say'>, key: 'error.file' | 'error.file_write', file: string, error: unknown): GuardianError {
  return new GuardianError('CLI_FILE', cli.say(key, { file, message: fileProblem(cli, error) }), { cause: error });
}
