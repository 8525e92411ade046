import { createRequire } from 'node:module';
import { pino, type DestinationStream, type Logger } from 'pino';
import type * as pinoPretty from 'pino-pretty';
import { redactLine } from './redact.ts';

export interface LoggerOptions {
  readonly level: string;
  /** For people instead of JSON. */
  readonly pretty?: boolean;
  /** Where lines go; default standard output. */
  readonly stream?: DestinationStream;
}

/** The program's logger: one JSON object a line, ISO times, errors under `err`. Card numbers in any text are masked, and
 *  values of authorization, cookie, token, password and similar fields are removed at any depth, before a line is written. */
export function createLogger({ level, pretty = false, stream }: LoggerOptions): Logger {
  const options = {
    level,
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: redactLine },
  };
  const target = stream ?? pino.destination({ dest: 1, sync: true });
  return pino(options, pretty ? forPeople(target) : target);
}

const require = createRequire(import.meta.url);

/** Loaded only here: a server that writes JSON starts sooner without it, in each of its threads. */
function forPeople(target: DestinationStream): DestinationStream {
  const { prettyFactory } = require('pino-pretty') as typeof pinoPretty;
  const format = prettyFactory({ translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  return { write: (line) => target.write(format(line)) };
}
