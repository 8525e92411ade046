import { messageOf } from '../errors.ts';
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
export function fileProblem(cli: Pick<Cli, 'say'>, error: unknown): string {
  const key = error instanceof Error && 'code' in error ? KNOWN[String(error.code)] : undefined;
  return key === undefined ? messageOf(error) : cli.say(key);
}
