import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { kafka } from './kafka.mjs';
import { postgres } from './postgres.mjs';
import { redis } from './redis.mjs';

const SERVERS = { kafka, postgres, redis };
/** A busy machine is ten times as slow. */
const READY_MS = 600_000;
const STOP_MS = 60_000;
const LOOK_MS = 100;

function serversOf(names) {
  const wanted = names.length === 0 ? Object.keys(SERVERS) : names;
  for (const name of wanted)
    if (!Object.hasOwn(SERVERS, name)) throw new Error(`There is no server "${name}"; there are: ${Object.keys(SERVERS).join(', ')}.`);
  return wanted.map((name) => ({ name, server: SERVERS[name] }));
}

const pidFile = (folder) => join(folder, 'pid');

/** A process that has ended and whose parent has not asked how. */
function isZombie(pid) {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && / Z /.test(readFileSync(stat, 'utf8'));
}

/** Process of a server; undefined when it does not run. */
function runningPid(folder) {
  try {
    const pid = Number(readFileSync(pidFile(folder), 'utf8'));
    process.kill(pid, 0);
    return isZombie(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

/** Starts servers one after the other: several at once make each other slow. False when one cannot be had. */
export async function up(names, { dir, port }) {
  let isWhole = true;
  for (const { name, server } of serversOf(names)) {
    const folder = resolve(dir, name);
    try {
      server.install();
    } catch (error) {
      isWhole = false;
      console.error(`${name}: cannot be had here, its tests are not run: ${error.message}`);
      continue;
    }
    if (runningPid(folder) === undefined) await start(name, server, folder, port);
    console.log(`${name}: ${server.describe(port)}`);
  }
  return isWhole;
}

async function start(name, server, folder, port) {
  mkdirSync(folder, { recursive: true });
  server.prepare(folder, port);
  const { program, args, env, uid, gid } = server.command(folder, port);
  const logPath = join(folder, 'log');
  const from = existsSync(logPath) ? statSync(logPath).size : 0;
  const log = openSync(logPath, 'a');
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
    uid,
    gid,
  });
  closeSync(log);
  const over = { reason: '' };
  child.on('exit', (code, signal) => (over.reason = `ended with ${code ?? signal}`)).on('error', (error) => (over.reason = error.message));
  writeFileSync(pidFile(folder), String(child.pid));
  child.unref();
  const deadline = Date.now() + READY_MS;
  const said = () => readFileSync(logPath).subarray(from).toString();
  while (!(await server.isReady(port, said()))) {
    if (over.reason !== '') throw new Error(`${name} ${over.reason}:\n${said().slice(-4000)}`);
    if (Date.now() > deadline) throw new Error(`${name} was not ready after ${READY_MS / 1000} s; its log is ${logPath}.`);
    await delay(LOOK_MS);
  }
}

/** Stops servers by their process ids. `signal`: how; default: as each wants to be stopped. */
export async function down(names, { dir }, signal) {
  for (const { name, server } of serversOf(names)) {
    const folder = resolve(dir, name);
    const pid = runningPid(folder);
    if (pid === undefined) continue;
    process.kill(pid, signal ?? server.stopSignal);
    const deadline = Date.now() + STOP_MS;
    while (runningPid(folder) !== undefined) {
      if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
      await delay(LOOK_MS);
    }
    rmSync(pidFile(folder), { force: true });
    console.log(`${name}: stopped`);
  }
}

/** Says of each server whether it runs. */
export function status({ dir, port }) {
  for (const { name, server } of serversOf([])) {
    const pid = runningPid(resolve(dir, name));
    console.log(pid === undefined ? `${name}: down` : `${name}: ${server.describe(port)}, process ${pid}`);
  }
}
