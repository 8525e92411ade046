import type { Bus } from '../../bus/bus.ts';
import { listDeadLetters, replayDeadLetters, type StoredDeadLetter } from '../../bus/dead-letter.ts';
import { positiveNumber, type Cli } from '../cli.ts';
import { notedWork } from '../local-actor.ts';
import { commandLogger, settledConfig } from '../local-app.ts';
import type { CommandRegistry } from '../registry.ts';

const DEFAULT_LIMIT = '50';

/** `guardian dead-letters list|replay`; works on the log itself, with and without a server. */
export function registerDeadLetters({ cli, add, run }: CommandRegistry): void {
  const parent = add('dead-letters', cli.say('dead_letters.about'), 'guardian dead-letters list');
  add('list', cli.say('dead_letters.list'), 'guardian dead-letters list --limit 10', parent)
    .option('--limit <n>', cli.say('opt.limit'), DEFAULT_LIMIT)
    .option('--json', cli.say('opt.json'))
    .action(
      run(async (options: { limit: string; json?: boolean }) => {
        const limit = Math.ceil(positiveNumber(cli, '--limit', options.limit));
        const letters = await withLog(cli, (bus) => listDeadLetters(bus, { limit }));
        if (options.json === true) cli.print(JSON.stringify(letters, null, 2));
        else if (letters.length === 0) cli.print(cli.say('dead_letters.none'));
        else for (const letter of letters) cli.print(lineOf(letter));
        return 0;
      }),
    );
  add('replay', cli.say('dead_letters.replay'), 'guardian dead-letters replay', parent).action(
    run(async () => {
      const config = settledConfig(cli, cli.config());
      const { replayed } = await notedWork(cli, config, {
        verb: 'dead_letters.replay',
        root: config.data_dir,
        work: () => withLog(cli, (bus) => replayDeadLetters(bus)),
        arguments: (done) => ({ replayed: done.replayed }),
      });
      cli.print(cli.say('dead_letters.replayed', { n: replayed }));
      return 0;
    }),
  );
}

function lineOf({ position, letter }: StoredDeadLetter): string {
  return `${position.offset}  ${new Date(letter.failed_at).toISOString()}  ${letter.topic}/${letter.partition}@${letter.offset}  ${letter.group}: ${letter.reason}`;
}

async function withLog<T>(cli: Cli, work: (bus: Bus) => Promise<T>): Promise<T> {
  const { openLog } = await import('../../app/open-log.ts');
  const bus = await openLog(settledConfig(cli, cli.config()), { clock: cli.clock, log: commandLogger(cli) });
  try {
    return await work(bus);
  } finally {
    await bus.close();
  }
}
