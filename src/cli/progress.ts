import { Presets, SingleBar } from 'cli-progress';
import type { Cli, Output } from './cli.ts';

/** Shows how far long work is. */
export interface ProgressBar {
  /** `done` of `total`; without a total only `done` is known. */
  update(done: number, total?: number): void;
  stop(): void;
}

const PLAIN_EVERY_MS = 5000;

/** A bar on a terminal; otherwise a plain line at most every five seconds, and one at the end. On standard error, so that
 *  results can be piped. `total`: 0 when it is not known. */
export function createProgress(cli: Cli, label: string, total = 0): ProgressBar {
  return cli.stderr.isTTY === true ? createBar(cli.stderr, label, total) : createLines(cli, label, total);
}

function createBar(stream: Output, label: string, total: number): ProgressBar {
  const format = total > 0 ? `${label} [{bar}] {percentage}% {value}/{total} {eta_formatted}` : `${label} {value} ({duration_formatted})`;
  const bar = new SingleBar(
    { format, stream: stream as NodeJS.WriteStream, hideCursor: true, etaBuffer: 50, fps: 8 },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return {
    update(done, newTotal) {
      if (newTotal !== undefined && newTotal > 0) bar.setTotal(newTotal);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

function createLines(cli: Cli, label: string, firstTotal: number): ProgressBar {
  let saidAt = cli.clock.monotonic();
  let last = 0;
  let total = firstTotal;
  let said = -1;
  const say = (): void => {
    said = last;
    cli.note(total > 0 ? cli.say('progress.line', { label, done: last, total }) : cli.say('progress.open_line', { label, done: last }));
  };
  return {
    update(done, newTotal) {
      last = done;
      total = newTotal ?? total;
      if (cli.clock.monotonic() - saidAt < PLAIN_EVERY_MS) return;
      saidAt = cli.clock.monotonic();
      say();
    },
    stop() {
      if (said !== last) say();
    },
  };
}
