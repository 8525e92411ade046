type Labels = Readonly<Record<string, string>>;

/** Labels as receivers and Alertmanager get them: a merchant is `merchant` there. Pure. */
export function wireLabels(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [wireName(name), value]));
}

/** Name of a label outside of the program. */
export const wireName = (name: string): string => (name === 'merchant_id' ? 'merchant' : name);

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const SEPARATOR = 0xff;

/** Fingerprint of a label set, in any order: 16 hexadecimal digits. It is the one that Alertmanager has for the same alert, so that
 *  one alert has one name everywhere: 64-bit FNV-1a over the sorted names and values, each followed by the byte 255
 *  (prometheus/common, `model/signature.go`). Pure. */
export function fingerprintOf(labels: Labels): string {
  const wired = Object.entries(wireLabels(labels)).map((pair) => pair.map((text) => Buffer.from(text)));
  let hash = FNV_OFFSET;
  const add = (byte: number): void => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  };
  for (const text of wired.toSorted(([a], [b]) => Buffer.compare(a ?? Buffer.of(), b ?? Buffer.of())).flat()) {
    for (const byte of text) add(byte);
    add(SEPARATOR);
  }
  return hash.toString(16).padStart(16, '0');
}
