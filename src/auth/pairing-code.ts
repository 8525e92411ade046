import { createHmac } from 'node:crypto';

/** Letters and digits of codes: none that look alike. 32 of them, so that each stands for five bits of 40. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const LENGTH = 8;

/** Makes and finds codes that people type. */
export interface PairingCodes {
  /** The code of the row with this id: `7K3M-9QXA`. */
  code(id: string): string;
  /** What a row keeps of a code as somebody typed it; case, spaces and hyphens do not count. Null: no code looks like this. */
  codeKey(typed: string): string | null;
}

/** Makes the codes of an installation. Without its secret, neither an id nor a stored key leads to a code. */
export function createPairingCodes(secret: Uint8Array): PairingCodes {
  const digest = (purpose: string, value: string): Buffer => createHmac('sha256', secret).update(`${purpose}:${value}`).digest();
  return {
    code(id) {
      const letters = [...digest('pairing-code', id).subarray(0, LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length] ?? '');
      return `${letters.slice(0, 4).join('')}-${letters.slice(4).join('')}`;
    },
    codeKey(typed) {
      const bare = typed.toUpperCase().replaceAll(/[\s-]/g, '');
      const isCode = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`).test(bare);
      return isCode ? digest('pairing-code-key', bare).toString('base64url') : null;
    },
  };
}
