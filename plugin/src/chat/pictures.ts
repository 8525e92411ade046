import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChatAttachment } from '@transaction-guardian/contracts/chat.ts';

const KEPT_MS = 3_600_000;

/** Writes pictures into a folder, from which the gateway sends them; those of an hour ago go away. Gives their paths. */
export async function writePictures(folder: string, attachments: readonly ChatAttachment[], now: number): Promise<string[]> {
  if (attachments.length === 0) return [];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (now - mtimeMs > KEPT_MS) await rm(path, { force: true });
  }
  return Promise.all(
    attachments.map(async ({ name, data }) => {
      const bytes = Buffer.from(data, 'base64');
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
      const path = join(folder, `${hash}-${name.replaceAll(/[^\w.-]/g, '_')}`);
      await writeFile(path, bytes, { mode: 0o600 });
      return path;
    }),
  );
}
