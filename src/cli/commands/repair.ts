import type { Repair } from '../../app/repair-log.ts';
import type { Cli } from '../cli.ts';
import { withIdleDataDir } from '../idle-data-dir.ts';
import { settledConfig } from '../local-app.ts';
import type { Registry } from '../registry.ts';

/** `guardian repair`: saves what can be read of a damaged log, and names what is lost. */
export function registerRepair({ cli, add, run }: Registry): void {
  add('repair', cli.say('repair.about'), 'guardian repair').action(run(() => repairCommand(cli)));
}

async function repairCommand(cli: Cli): Promise<number> {
  await withIdleDataDir(cli, settledConfig(cli, cli.config()), async (dir) => {
    const { repairLog } = await import('../../app/repair-log.ts');
    const repairs = repairLog(dir, cli.clock);
    if (repairs.length === 0) cli.print(cli.say('repair.nothing'));
    for (const repair of repairs) tell(cli, repair);
  });
  return 0;
}

function tell(cli: Cli, { topic, reason, aside, records, lost, isUnreadable }: Repair): void {
  cli.print(cli.say('repair.done', { topic, reason, aside, n: records }));
  for (const { partition, from, to } of lost) cli.print(cli.say('repair.lost', { partition, from, to: to - 1, n: to - from }));
  if (isUnreadable) cli.print(cli.say('repair.unreadable'));
}
