import type { storeCliPtBr } from './store-cli-pt-br.ts';

/** Texts of the command line about the database: its schema, backups and moves. */
export const storeCliEn: Record<keyof typeof storeCliPtBr, string> = {
  'cli.migrate.about': 'Migrations of the database schema.',
  'cli.migrate.up': 'Applies the pending migrations.',
  'cli.migrate.status': 'Shows the migrations that are applied, pending and unknown.',
  'cli.migrate.applied': '{n:0} {n:migration|migrations} applied',
  'cli.migrate.counts': '{applied} applied, {pending} pending',
  'cli.migrate.foreign': 'The database is of another version of the program: use the newer one.',
  'cli.migrate.line.applied': '{name}  applied {at} (the newest)',
  'cli.migrate.line.pending': '{name}  pending',
  'cli.migrate.line.waiting': '{name}  waits for the timescaledb extension',
  'cli.migrate.line.changed': '{name}  changed after it was applied {at}',
  'cli.migrate.line.unknown': '{name}  not known to this program, applied {at}',
};
