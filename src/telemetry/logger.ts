import { pino, type DestinationStream, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
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
  if (!pretty) return stream === undefined ? pino(options) : pino(options, stream);
  const target = PinoPretty({ translateTime: 'SYS:HH:MM:ss.l', singleLine: true, ...(stream === undefined ? {} : { destination: stream }) });
  return pino(options, target);
}
