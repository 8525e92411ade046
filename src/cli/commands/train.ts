import type { Registry } from '../program.ts';

/** `guardian train`. */
export function registerTrain({ cli, add, run }: Registry): void {
  add('train <csv>', cli.say('train.about'), 'guardian train transactions.csv --out model.json')
    .option('--out <file>', cli.say('opt.out'), 'model.json')
    .option('--seed <text>', cli.say('opt.seed'), '1')
    .action(
      run(() => {
        throw new Error(cli.say('error.missing_module', { what: 'train' }));
      }),
    );
}
