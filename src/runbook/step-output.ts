import { maskCardNumbers } from '../pan/card-number.ts';

/** Most characters of the output of a step that a record keeps, from its beginning and from its end. */
const HEAD = 8192;
const TAIL = 8192;
/** Longest secret that is found although the output was cut inside of it. */
const SLACK = 2048;
const CUT = '\n[...]\n';
/** Terminal sequences, and what a text column or a chat cannot hold. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;

/** What a step has printed: its beginning and end, whatever the amount. */
export interface StepOutput {
  take(chunk: Uint8Array): void;
  print(text: string): void;
  /** Bytes that came in all. */
  readonly bytes: number;
  /** At most 16 KiB, secrets and card numbers masked. */
  text(secrets: readonly string[]): string;
}

/** Collects output in a memory that does not grow with it. */
export function createStepOutput(): StepOutput {
  let bytes = 0;
  let head = Buffer.alloc(0);
  let tail: Buffer[] = [];
  let tailBytes = 0;
  const keepTail = (rest: Buffer): void => {
    tail.push(rest.subarray(-(TAIL + SLACK)));
    tailBytes += tail.at(-1)?.length ?? 0;
    if (tailBytes <= 16 * (TAIL + SLACK)) return;
    // A part of a large buffer would keep all of it.
    tail = [Buffer.from(Buffer.concat(tail).subarray(-(TAIL + SLACK)))];
    tailBytes = TAIL + SLACK;
  };
  const take = (chunk: Uint8Array): void => {
    const part = Buffer.from(chunk);
    bytes += part.length;
    const room = HEAD + SLACK - head.length;
    if (room > 0) head = Buffer.concat([head, part.subarray(0, room)]);
    if (part.length > room) keepTail(part.subarray(Math.max(0, room)));
  };
  return {
    take,
    print: (text) => take(Buffer.from(`${text}\n`)),
    get bytes() {
      return bytes;
    },
    text(secrets) {
      const mask = (part: Buffer): string => maskOutput(part.toString('utf8'), secrets);
      const rest = Buffer.concat(tail);
      if (head.length + rest.length === bytes && bytes <= HEAD + TAIL) return mask(Buffer.concat([head, rest])).trimEnd();
      const end = rest.length === 0 ? head : rest;
      return `${mask(head).slice(0, -SLACK)}${CUT}${mask(end.subarray(-(TAIL + SLACK))).slice(SLACK)}`.trimEnd();
    },
  };
}

/** A text without the secrets, card numbers and control characters in it. Pure. */
export function maskOutput(text: string, secrets: readonly string[]): string {
  let masked = text.replaceAll('\r\n', '\n').replaceAll(CONTROL, '');
  for (const secret of secrets.toSorted((a, b) => b.length - a.length)) {
    for (const form of new Set([
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      JSON.stringify(secret).slice(1, -1),
    ]))
      if (form !== '') masked = masked.replaceAll(form, '[removed]');
  }
  return maskCardNumbers(masked.toWellFormed());
}
