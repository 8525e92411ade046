import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureConsole } from './bootstrap/console.mjs';
import { ensurePackages } from './bootstrap/install.mjs';
import { ensureNode } from './bootstrap/node.mjs';
import { root } from './bootstrap/paths.mjs';

/** Only one set-up works in a clone at a time; a lock whose owner is gone is taken over. */
async function withLock(work) {
  const lock = join(tmpdir(), `guardian-setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') return work();
      if (!ownerLives(lock)) rmSync(lock, { recursive: true, force: true });
      else await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function ownerLives(lock) {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Installs, fetches and builds what is missing; a few milliseconds when nothing is. `console`: also build web/dist.
 *  Returns the path of the Node program to run with. Throws SetupError with one sentence. */
export async function setUp({ console: wantsConsole = true } = {}) {
  return withLock(async () => {
    await ensurePackages();
    const node = await ensureNode();
    if (wantsConsole) await ensureConsole(node);
    return node;
  });
}
