import type { Topic } from '@transaction-guardian/contracts/topics.ts';
import type { LogFileRepair } from '../../app/engines.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { refuseLogOnBrokers, withIdleDataDir } from '../idle-data-dir.ts';
import { notedWork } from '../local-actor.ts';
import { commandLogger, settledConfig } from '../local-app.ts';
import type { CommandRegistry } from '../registry.ts';

/** `guardian repair`: saves what can be read of a damaged log, and names what is lost. */
export function registerRepair({ cli, add, run }: CommandRegistry): void {
  add('repair', cli.say('repair.about'), 'guardian repair').action(run(() => repairCommand(cli)));
}

/** 0: nothing is lost; 3: something is, or may be. */
async function repairCommand(cli: Cli): Promise<number> {
  let isWhole = true;
  const config = settledConfig(cli, cli.config());
  refuseLogOnBrokers(cli, config);
  await withIdleDataDir(cli, config, async (dir) => {
    const { isOnlyInLog, repairLog } = await import('../../app/repair-log.ts');
    const { repairs, missing } = await notedWork(cli, config, {
      verb: 'log.repair',
      root: dir.root,
      work: () => repairLog(dir, { clock: cli.clock, log: commandLogger(cli) }),
      arguments: (done) => ({
        missing: done.missing,
        repaired: done.repairs.map(({ topic, records, lost, isUnreadable }) => ({ topic, records, lost, unreadable: isUnreadable })),
      }),
    });
    for (const topic of missing) {
      reportMissing(cli, topic, isOnlyInLog(topic));
      if (isOnlyInLog(topic)) isWhole = false;
    }
    for (const repair of repairs) {
      const isAlone = isOnlyInLog(repair.topic);
      tell(cli, repair, isAlone);
      if (isAlone && (repair.isUnreadable || repair.lost.length > 0)) isWhole = false;
    }
    if (repairs.length === 0 && missing.length === 0) cli.print(cli.say('repair.nothing'));
  });
  return isWhole ? EXIT.ok : EXIT.partial;
}

function reportMissing(cli: Cli, topic: Topic, isAlone: boolean): void {
  cli.print(cli.say('repair.missing', { topic }));
  cli.print(cli.say(isAlone ? 'repair.missing_lost' : 'repair.again'));
}

function tell(cli: Cli, { topic, reason, aside, records, lost, isUnreadable }: LogFileRepair, isAlone: boolean): void {
  cli.print(cli.say('repair.done', { topic, reason, aside, n: records }));
  if (!isAlone) {
    cli.print(cli.say('repair.again'));
    return;
  }
  for (const { partition, from, to } of lost) cli.print(cli.say('repair.lost', { partition, from, to: to - 1, n: to - from }));
  if (isUnreadable) cli.print(cli.say('repair.unreadable'));
}
