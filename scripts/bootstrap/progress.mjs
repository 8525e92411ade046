import { say } from './words.mjs';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Shows that `work` (a promise) is going on: a spinner with the seconds on a terminal, a plain line at the start, every
 *  `everyMs` and at the end otherwise. Writes to stderr. Returns what the promise gives, and throws what it throws. */
export async function showProgress(label, work, { stream = process.stderr, everyMs = 10_000 } = {}) {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const tty = stream.isTTY === true && process.env.CI === undefined;
  let frame = 0;
  const draw = () => stream.write(`\r\u001B[2K${FRAMES[frame++ % FRAMES.length]} ${label} (${seconds()} s)`);
  const report = () => stream.write(`${label}: ${say('em andamento há', 'still working after')} ${seconds()} s\n`);
  if (!tty) stream.write(`${label}...\n`);
  const timer = setInterval(tty ? draw : report, tty ? 100 : everyMs);
  try {
    const result = await work;
    stream.write(tty ? `\r\u001B[2K✓ ${label} (${seconds()} s)\n` : `${label}: ${say('pronto em', 'done in')} ${seconds()} s\n`);
    return result;
  } catch (error) {
    stream.write(tty ? `\r\u001B[2K✗ ${label} (${seconds()} s)\n` : `${label}: ${say('falhou após', 'failed after')} ${seconds()} s\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
