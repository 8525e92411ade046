import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Status } from '@transaction-guardian/contracts/status.ts';
import { minuteOf } from '../../clock.ts';
import { previousModel } from '../../app/previous-model.ts';
import { trainForest } from '../../train/train-forest.ts';
import { requestWindows, type AnalyzedTransaction } from '../../analyze/request-windows.ts';
import { positiveNumber, type Cli } from '../cli.ts';
import type { CommandRegistry } from '../registry.ts';
import { cellText } from '../cell-text.ts';
import { readReplayRows, type ReplayRow } from '../replay-rows.ts';
import { EXIT } from '../exit-codes.ts';
import { fileError } from '../file-problem.ts';

interface Options {
  readonly out: string;
  readonly seed: string;
  readonly date?: string;
}

/** `guardian train`: minutes in which something was wrong are left out by the trainer. */
export function registerTrain({ cli, add, run }: CommandRegistry): void {
  add('train', cli.say('train.about'), 'guardian train transactions.csv --out model.json')
    .argument('<csv>', cli.say('arg.csv'))
    .option('--out <file>', cli.say('opt.out'), 'model.json')
    .option('--seed <n>', cli.say('opt.seed'), '1')
    .option('--date <day>', cli.say('opt.date'))
    .action(run((csv: string, options: Options) => trainCommand(cli, csv, options)));
}

async function trainCommand(cli: Cli, csv: string, options: Options): Promise<number> {
  const config = cli.config();
  const seed = Math.floor(positiveNumber(cli, '--seed', options.seed));
  const { rows, refused, incomplete } = await readReplayRows(cli, config, csv, { date: options.date, anyAge: true });
  const left = new Set(incomplete);
  const whole = rows.filter(({ at }) => !left.has(minuteOf(at)));
  const windows = requestWindows(whole.map(toTransaction), cli.clock.now(), 1);
  const model = trainForest(windows, { seed, timeZone: config.time_zone, traffic: basename(csv) });
  const file = resolve(cli.cwd, options.out);
  try {
    keepPrevious(file);
    writeFileSync(file, `${JSON.stringify(model)}\n`);
  } catch (error) {
    throw fileError(cli, 'error.file_write', file, error);
  }
  cli.print(cli.say('train.done', { version: model.version, file, minutes: model.training.minutes }));
  return refused.count > 0 ? EXIT.partial : EXIT.ok;
}

/** A model that is replaced stays beside the new one, where the runbook `rollback-model` finds it. */
function keepPrevious(file: string): void {
  if (existsSync(file)) copyFileSync(file, previousModel(file));
}

function toTransaction({ at, value }: ReplayRow): AnalyzedTransaction {
  return {
    occurred_at: at,
    status: cellText(value['status']) as Status | '',
    count: Number(value['count'] ?? 1),
    merchant_id: cellText(value['merchant_id']),
    auth_code: cellText(value['auth_code']),
    acquirer: cellText(value['acquirer']),
  };
}
