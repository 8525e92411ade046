/** After a restart that was asked for, a process that ends within this time has failed to start, and is started again. */
const FAILED_START_MS = 10_000;
const TRIES_MS = [1000, 2000, 5000];

/** Hears a child that asks to be started again. `wanted()`: whether it has; `forget()`: somebody wants the end instead. */
export function hearRestart(child, killAfterMs) {
  let wanted = false;
  let killing;
  const reply = (word) => child.connected && child.send({ guardian: word }, () => undefined);
  child.on('message', (message) => {
    if (message?.guardian === 'can_restart') reply('can_restart');
    if (message?.guardian !== 'restart') return;
    wanted = true;
    reply('restart');
    child.kill('SIGTERM');
    killing = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  });
  child.on('exit', () => clearTimeout(killing));
  return { wanted: () => wanted, forget: () => (wanted = false) };
}

/** Runs a program again each time that it has asked for it, and resolves with its last exit code. `run`: starts it once, gives its code
 *  and whether it asked. */
export async function runWithRestarts(run, { now = Date.now, pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms)) } = {}) {
  let tries = Number.POSITIVE_INFINITY;
  for (;;) {
    const since = now();
    const { code, wanted, isEnding } = await run();
    if (wanted) tries = 0;
    else if (code === 0 || isEnding || tries >= TRIES_MS.length || now() - since > FAILED_START_MS) return code;
    else await pause(TRIES_MS[tries++]);
  }
}
