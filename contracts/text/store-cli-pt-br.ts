/** Texts of the command line about the database in Brazilian Portuguese: its schema, backups and moves. */
export const storeCliPtBr = {
  'cli.migrate.about': 'Migrações do esquema do banco de dados.',
  'cli.migrate.up': 'Aplica as migrações pendentes.',
  'cli.migrate.status': 'Mostra as migrações aplicadas, pendentes e desconhecidas.',
  'cli.migrate.applied': '{n:0} {n:migração aplicada|migrações aplicadas}',
  'cli.migrate.counts': '{applied} aplicadas, {pending} pendentes',
  'cli.migrate.foreign': 'O banco de dados é de outra versão do programa: use a mais nova.',
  'cli.migrate.line.applied': '{name}  aplicada em {at} (a mais recente)',
  'cli.migrate.line.pending': '{name}  pendente',
  'cli.migrate.line.waiting': '{name}  espera a extensão timescaledb',
  'cli.migrate.line.changed': '{name}  alterada depois de aplicada em {at}',
  'cli.migrate.line.unknown': '{name}  desconhecida por este programa, aplicada em {at}',
} as const;
