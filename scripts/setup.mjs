import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureConsole } from './bootstrap/console.mjs';
import { ensurePackages } from './bootstrap/install.mjs';
import { inTurn } from './bootstrap/lock.mjs';
import { ensureNode } from './bootstrap/node.mjs';
import { root } from './bootstrap/paths.mjs';
import { ensureProgram } from './bootstrap/program.mjs';

/** Only one set-up works in a clone at a time. */
const LOCK = join(tmpdir(), `guardian-setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`);

/** Installs, fetches and builds what is missing; a few milliseconds when nothing is. `console`: also build web/dist;
 *  `program`: also make the sources of the server into few files. Returns the path of the Node program to run with. Throws
 *  SetupError with one sentence. */
export async function setUp({ console: wantsConsole = true, program: wantsProgram = true } = {}) {
  return inTurn(LOCK, async () => {
    await ensurePackages();
    const node = await ensureNode();
    if (wantsConsole) await ensureConsole(node);
    if (wantsProgram) await ensureProgram(node);
    return node;
  });
}
