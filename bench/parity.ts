import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { backtestVerdicts, differences, productVerdicts, replayFile, scoredUpTo, type Verdicts } from '../test/e2e/parity-run.ts';
import { startProduct } from '../test/e2e/product.ts';

const MAX_SHOWN = 20;

/** Plays a file into a running product and compares what it says with the backtest of the same file. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { speed: { type: 'string', default: '600' }, 'kill-after': { type: 'string' } },
    allowPositionals: true,
  });
  const [file] = positionals;
  if (file === undefined) throw new Error('Expected: node bench/parity.ts <csv> [--speed 600] [--kill-after <seconds>]');
  const wanted = await backtestVerdicts(resolve(file));
  const dataDir = await mkdtemp(join(tmpdir(), 'guardian-parity-'));
  const started = performance.now();
  let product = await startProduct(dataDir);
  try {
    const killAfter = values['kill-after'] === undefined ? undefined : Number(values['kill-after']);
    const replaying = replayFile(product, resolve(file), { dataDir, speed: values.speed, progress: 'inherit' });
    if (killAfter !== undefined) {
      await Promise.race([sleep(killAfter * 1000), replaying]);
      await product.kill();
      product = await startProduct(dataDir, ['--http.port', new URL(product.address).port]);
      console.log(`killed with SIGKILL after ${killAfter} s and started again; the replay went on by itself`);
    }
    const code = await replaying;
    if (code !== 0) throw new Error(`guardian replay ended with ${code}`);
    await scoredUpTo(product, wanted.last);
    return report(wanted, await productVerdicts(product, wanted), (performance.now() - started) / 1000);
  } finally {
    await product.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function report(wanted: Verdicts, got: Verdicts, seconds: number): number {
  const found = differences(wanted, got);
  console.log(
    `${Math.round(seconds)} s; backtest: ${wanted.anomalies.length} anomalies, ${wanted.bands.size} bands; product: ${got.anomalies.length} anomalies, ${got.bands.size} bands; ${found.length} differences`,
  );
  for (const one of found.slice(0, MAX_SHOWN)) console.log(`  ${one}`);
  return found.length === 0 ? 0 : 1;
}

process.exitCode = await main();
