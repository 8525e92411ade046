import { createHash, timingSafeEqual } from 'node:crypto';

/** Secret of programs that act for people: the chat gateway, the command line. */
export interface ServiceToken {
  /** Whether `text` is the token; takes as long for any text. */
  matches(text: string): boolean;
  /** A new token takes the place of this one at once. */
  replace(token: string): void;
}

/** Makes the check of a token of at least 16 characters. */
export function createServiceToken(token: string): ServiceToken {
  // Hashes have one length, so that the comparison reveals nothing about that of the token.
  let expected = digest(token);
  return {
    matches: (text) => timingSafeEqual(digest(text), expected),
    replace: (next) => {
      expected = digest(next);
    },
  };
}

/** A new token from 32 random bytes. */
export const formatServiceToken = (bytes: Uint8Array): string => `gst_${Buffer.from(bytes).toString('base64url')}`;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
