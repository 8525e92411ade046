import { readdirSync, readFileSync } from 'node:fs';

/** Every process below `pid`, and every one whose environment has `mark` (`NAME=value`), the one that asks left out: `{ pid, command }`.
 *  None where the system does not show processes as files. */
export function processesOf(pid, mark) {
  const all = readdir('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), ...parentAndState(name) }));
  const below = new Set([pid]);
  for (let size = 0; size < below.size;) {
    size = below.size;
    for (const one of all) if (below.has(one.parent)) below.add(one.pid);
  }
  return all
    .filter((one) => one.pid !== process.pid && one.state !== undefined && one.state !== 'Z')
    .filter((one) => below.has(one.pid) || `\0${read(`/proc/${one.pid}/environ`)}`.includes(`\0${mark}\0`))
    .map((one) => ({ pid: one.pid, command: read(`/proc/${one.pid}/cmdline`).replaceAll('\0', ' ').trim() }));
}

/** Ends at once what tests have left running. Says what it was: a test that passes ends what it has started. */
export function endProcessesOf(pid, mark, file) {
  for (const left of processesOf(pid, mark)) {
    try {
      process.kill(left.pid, 'SIGKILL');
      process.stderr.write(`${file} left a process behind, which is ended: ${left.command.slice(0, 200)}\n`);
    } catch {
      // It has ended meanwhile.
    }
  }
}

function readdir(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Of a process of another user, and of one that has ended, nothing. */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The name of a program, which stands before both in brackets, may have brackets and blanks. */
function parentAndState(pid) {
  const stat = read(`/proc/${pid}/stat`);
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: state || undefined, parent: Number(parent) };
}
