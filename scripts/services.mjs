// Real servers for tests and for work on the product, on loopback, with ports and folders of their own.
//
//   services.mjs                        installs the programs that the service tests need
//   services.mjs up kafka postgres      starts servers and returns when they are ready
//   services.mjs hold kafka             the same, and stops them when its input ends
//   services.mjs down [kafka ...]       stops them
//   services.mjs kill kafka             ends them at once, as a power cut does
//   services.mjs status                 says which run, and where
//
// `--dir` holds their files (default .services), `--port` is the first of their ports (default 39000).
import { parseArgs } from 'node:util';
import { installMissing } from './services/install.mjs';
import { down, status, up } from './services/run.mjs';

const COMMANDS = ['up', 'hold', 'down', 'kill', 'status'];

/** Resolves when the program that started this one has ended or wants it to. */
function released() {
  return new Promise((resolve) => {
    process.stdin.resume().on('end', resolve).on('error', resolve);
    process.on('SIGTERM', resolve).on('SIGINT', resolve);
  });
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: 'string', default: '.services' }, port: { type: 'string', default: '39000' } },
  });
  const [command, ...names] = positionals;
  if (command === undefined) return installMissing();
  const place = { dir: values.dir, port: Number(values.port) };
  if (!COMMANDS.includes(command)) throw new Error(`There is no command "${command}"; there are: ${COMMANDS.join(', ')}.`);
  if (command === 'status') return status(place);
  if (command === 'down') return down(names, place);
  if (command === 'kill') return down(names, place, 'SIGKILL');
  // From here on: a holder that is told to end while they start must stop them all the same.
  const ended = command === 'hold' ? released() : null;
  const isWhole = await up(names, place);
  // Where a server cannot be had its tests are not run; in CI that is a failure.
  if (!isWhole && process.env.CI === 'true') process.exitCode = 1;
  if (ended !== null) {
    console.log('ready');
    await ended;
    // Nobody needs what they hold.
    await down(names, place, 'SIGKILL');
    process.exit();
  }
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  // A holder listens to its input.
  process.exit(1);
}
