import { existsSync, readFileSync } from 'node:fs';
import { isMap, isSeq, parseDocument } from 'yaml';
import { GuardianError } from '../errors.ts';
import { writePrivate } from './write-private.ts';

export interface ReceiverEntry {
  readonly url: string;
  readonly tokenFile: string;
  /** Empty: all. */
  readonly severities: readonly string[];
}

const NAME = 'clawdbot';

/** Adds the gateway to the receivers of a file of settings, which keeps its comments; `kept` when it is there already. Throws
 *  CONFIG_INVALID for a file that is no YAML. */
export function writeReceiver(file: string, { url, tokenFile, severities }: ReceiverEntry): 'added' | 'kept' {
  const document = parseDocument(existsSync(file) ? readFileSync(file, 'utf8') : '');
  const [wrong] = document.errors;
  if (wrong !== undefined) throw new GuardianError('CONFIG_INVALID', `${file}: ${wrong.message}`);
  const known = document.getIn(['alert', 'receivers']);
  if (isSeq(known) && known.items.some((item) => isMap(item) && item.get('name') === NAME)) return 'kept';
  const entry = {
    name: NAME,
    url,
    token: { file: tokenFile },
    receipts: true,
    ...(severities.length === 0 ? {} : { severities: [...severities] }),
  };
  if (isSeq(known)) known.add(document.createNode(entry));
  else document.setIn(['alert', 'receivers'], document.createNode([entry]));
  writePrivate(file, document.toString());
  return 'added';
}
