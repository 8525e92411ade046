import { resolve } from 'node:path';
import type { BackupOptions } from '../../app/backup/take-backup.ts';
import type { Manifest } from '../../app/backup/manifest.ts';
import { lockDataDir } from '../../app/data-dir-lock.ts';
import { prepareDataDir } from '../../app/data-dir.ts';
import type { Config } from '../../config/config-schema.ts';
import { isGuardianError } from '../../errors.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { refuseLogOnBrokers, refuseWithoutLog } from '../idle-data-dir.ts';
import { commandLogger, settledConfig } from '../local-app.ts';
import { notedWork } from '../local-actor.ts';
import type { CommandRegistry } from '../registry.ts';

interface Json {
  readonly json?: boolean | undefined;
}

/** `guardian backup` and `guardian restore`: copies of a data directory, which may be in use. */
export function registerBackup({ cli, add, run }: CommandRegistry): void {
  add('backup', cli.say('backup.about'), 'guardian backup --to /var/backups/guardian-1')
    .requiredOption('--to <dir>', cli.say('opt.backup_to'))
    .option('--json', cli.say('opt.json'))
    .action(run((options: Json & { to: string }) => backupCommand(cli, options)));
}

export function registerRestore({ cli, add, run }: CommandRegistry): void {
  add('restore', cli.say('restore.about'), 'guardian restore --from /var/backups/guardian-1 --data_dir /var/lib/guardian')
    .requiredOption('--from <dir>', cli.say('opt.restore_from'))
    .option('--json', cli.say('opt.json'))
    .action(run((options: Json & { from: string }) => restoreCommand(cli, options)));
}

async function backupCommand(cli: Cli, { to, json }: Json & { readonly to: string }): Promise<number> {
  const config = settledConfig(cli, cli.config());
  refuseLogOnBrokers(cli, config);
  await refuseWithoutLog(cli, config);
  const dir = await prepareDataDir(config.data_dir);
  const { takeBackup } = await import('../../app/backup/take-backup.ts');
  const withDatabase = config.store.engine === 'pglite';
  const target = resolve(cli.cwd, to);
  const manifest = await notedWork(cli, config, {
    verb: 'data.backup',
    root: dir.root,
    work: () =>
      withStillDatabase(cli, config, (still) =>
        takeBackup({ dir, to: target, withDatabase, model: config.detect.model, clock: cli.clock, still }),
      ),
    arguments: ({ taken_at }) => ({ to: target, taken_at }),
  });
  report(cli, manifest, { json, line: 'backup.done', path: target });
  if (!withDatabase) cli.note(cli.say('backup.server'));
  return EXIT.ok;
}

async function restoreCommand(cli: Cli, { from, json }: Json & { readonly from: string }): Promise<number> {
  const config = settledConfig(cli, cli.config());
  const { restoreBackup } = await import('../../app/backup/restore-backup.ts');
  const backup = resolve(cli.cwd, from);
  const manifest = await notedWork(cli, config, {
    verb: 'data.restore',
    root: config.data_dir,
    work: () => restoreBackup({ from: backup, to: config.data_dir }),
    arguments: ({ taken_at }) => ({ from: backup, taken_at }),
  });
  report(cli, manifest, { json, line: 'restore.done', path: config.data_dir });
  return EXIT.ok;
}

function report(
  cli: Cli,
  manifest: Manifest,
  { json, line, path }: Json & { readonly line: 'backup.done' | 'restore.done'; readonly path: string },
): void {
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const { files, folders: _, migrations: __, ...facts } = manifest;
  if (json === true) cli.print(JSON.stringify({ path, ...facts, files: files.length, bytes }, null, 2));
  else cli.print(cli.say(line, { path, at: manifest.taken_at, mib: Math.ceil(bytes / 1_048_576) }));
}

type Still = BackupOptions['still'];

/** Asks the process that has the data directory to hold its database; without one the lock of the directory keeps it out. */
async function withStillDatabase<T>(cli: Cli, config: Config, work: (still: Still) => Promise<T>): Promise<T> {
  const dir = await prepareDataDir(config.data_dir);
  const lock = tryLock(dir.root);
  if (lock !== undefined) {
    try {
      return await work((inside) => inside());
    } finally {
      lock.release();
    }
  }
  if (config.store.engine === 'postgres') return work((inside) => inside());
  const { holdDatabase } = await import('../../app/backup/hold-database.ts');
  return holdDatabase(dir, commandLogger(cli), work);
}

function tryLock(root: string): { release(): void } | undefined {
  try {
    return lockDataDir(root, process.pid);
  } catch (error) {
    if (isGuardianError(error, 'APP_ALREADY_RUNNING')) return undefined;
    throw error;
  }
}
