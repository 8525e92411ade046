import { createHash } from 'node:crypto';

/** Letters and digits that nobody mistakes for one another (Crockford's base 32): 5 bits each. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 8;

/** Makes a code of 40 random bits, such as `7K3M9QXA`. `randomBytes`: a source of that many random bytes. */
export function newCode(randomBytes: (size: number) => Uint8Array): string {
  return [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte & 31]).join('');
}

/** The hash under which a code is stored, whatever its case, spaces and mistaken letters. Pure. */
export function codeHash(code: string): string {
  const plain = code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return createHash('sha256').update(plain).digest('hex');
}
