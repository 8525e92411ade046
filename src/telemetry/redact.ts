import { maskCardNumbers } from '../pan/card-number.ts';

const REMOVED = '[removed]';
const SECRET_NAMES =
  'authorization|proxy-authorization|cookie|set-cookie|token|access_token|refresh_token|id_token|password|passwd|senha|secret|api_key|apikey|x-api-key|cvv|cvc|pan';
const SECRET_NAME = new RegExp(`^(?:${SECRET_NAMES})$`, 'i');
const SECRET_KEY = new RegExp(`"(?:${SECRET_NAMES})":`, 'i');
const SECRET_PARAMETER = new RegExp(`([?&;\\s](?:${SECRET_NAMES})=)[^&;\\s"\\\\]+`, 'gi');
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi;

/** One log line (JSON) without secrets: fields with the name of a secret lose their value at any depth, secrets in URLs and
 *  `Bearer` texts are removed, card numbers are masked to their last four digits. The line stays valid JSON. */
export function redactLine(line: string): string {
  const plain = SECRET_KEY.test(line) ? removeSecretFields(line) : line;
  const quiet = plain.replace(SECRET_PARAMETER, `$1${REMOVED}`).replace(BEARER, `$1 ${REMOVED}`);
  return maskCardNumbers(quiet, (text, { start, end }) => (isBareNumber(text, start, end) ? '9' : '*'));
}

/** Whether a field of this name holds a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

function removeSecretFields(line: string): string {
  try {
    return `${JSON.stringify(JSON.parse(line), (name, value: unknown) => (SECRET_NAME.test(name) ? REMOVED : value))}\n`;
  } catch {
    return `${JSON.stringify({ level: 'warn', msg: 'a log line with a secret could not be read and was dropped' })}\n`;
  }
}

/** A number outside of quotes must stay a number. */
function isBareNumber(text: string, start: number, end: number): boolean {
  return text.slice(start, end).includes('"') || (/[:,[\d.-]/.test(text.charAt(start - 1)) && /[,}\]\d.e]/.test(text.charAt(end)));
}

/** A message without the addresses in it, which are secrets: what is in a path or a query lets anybody send. */
export const withoutAddress = (message: string): string => message.replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[address]');
