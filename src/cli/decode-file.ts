import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { GuardianError } from '../errors.ts';
import type { Cli } from './cli.ts';

/** Bytes of a text file as UTF-8: gzip is unpacked, UTF-16 is reported by its mark, and what is no UTF-8 at its beginning is read as
 *  Windows-1252, which spreadsheets write. Throws CLI_FILE for archives, workbooks and other bytes that are no text. */
export async function* decodeFile(cli: Pick<Cli, 'say'>, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const bytes = source[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  for (let length = 0; length < 4;) {
    const { done = false, value } = await bytes.next();
    if (done) break;
    head.push(value);
    length += value.length;
  }
  const first = Buffer.concat(head);
  const whole = (async function* () {
    yield first;
    yield* { [Symbol.asyncIterator]: () => bytes };
  })();
  if (first[0] === 0x1f && first[1] === 0x8b)
    yield* decodeFile(
      cli,
      pipeline(Readable.from(whole), createGunzip(), () => undefined),
    );
  else {
    const encoding = encodingOf(first);
    if (encoding === null) throw new GuardianError('CLI_FILE', cli.say(isZip(first) ? 'error.file_zip' : 'error.file_binary'));
    yield* encoding === 'utf-8' ? whole : recode(whole, encoding);
  }
}

const isZip = (first: Buffer): boolean => first.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004';

/** Encoding of a text by its first bytes; null for what is no text. */
function encodingOf(first: Buffer): string | null {
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le';
  if (first[0] === 0xfe && first[1] === 0xff) return 'utf-16be';
  if (isZip(first) || first.includes(0)) return null;
  try {
    // A character may be cut where the bytes end.
    new TextDecoder('utf-8', { fatal: true }).decode(first, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

async function* recode(source: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}
