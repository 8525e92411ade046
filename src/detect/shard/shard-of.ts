import { crc32 } from 'node:zlib';

/** Values of the hash. */
const HASHES = 2 ** 32;

/** Which of so many shards has a merchant: the range that the hash of its id (CRC-32) falls into. */
export const shardOf = (id: string, shards: number): number => Math.floor((crc32(id) * shards) / HASHES);
