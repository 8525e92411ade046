import type { AuditHead, AuditPage, AuditRow } from '@transaction-guardian/contracts/audit.ts';
import { AUDITED_VERBS } from '@transaction-guardian/contracts/audited-verb.ts';
import { GuardianError } from '../../errors.ts';
import { createChainCheck, type ChainState } from '../../store/verbs/audit/chain.ts';
import { listAudit, verifyAudit, type AuditFilter } from '../../store/verbs/audit/list-audit.ts';
import type { Database } from '../../store/database.ts';
import { positiveNumber, type Cli } from '../cli.ts';
import { EXIT } from '../exit-codes.ts';
import { withConfiguredDatabase } from '../idle-data-dir.ts';
import { localDate } from '../local-date.ts';
import { commandLogger, settledConfig } from '../local-app.ts';
import type { CommandRegistry } from '../registry.ts';
import { configuredServer } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';
import { zoneOfServer } from '../server-zone.ts';

const DEFAULT_LIMIT = '50';
const HASH = /^[0-9a-f]{64}$/;

type Verified = ChainState & { readonly hasNoted: boolean };

interface ListOptions {
  readonly limit: string;
  readonly actor?: string;
  readonly verb?: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** `guardian audit list|verify`; asks the running server, or reads the database when none runs. */
export function registerAudit({ cli, add, run }: CommandRegistry): void {
  const parent = add('audit', cli.say('audit.about'), 'guardian audit verify');
  add('list', cli.say('audit.list'), 'guardian audit list --limit 10', parent)
    .option('--limit <n>', cli.say('opt.limit'), DEFAULT_LIMIT)
    .option('--actor <id>', cli.say('opt.audit_actor'))
    .option('--verb <verb>', cli.say('opt.audit_verb', { verbs: AUDITED_VERBS.join(', ') }))
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(run((options: ListOptions) => listCommand(cli, options)));
  add('verify', cli.say('audit.verify'), 'guardian audit verify', parent)
    .option('--head <hash>', cli.say('opt.audit_head'))
    .option('--url <url>', cli.say('opt.url'))
    .action(run((options: { head?: string; url?: string }) => verifyCommand(cli, options)));
}

async function listCommand(cli: Cli, options: ListOptions): Promise<number> {
  const limit = Math.min(1000, Math.ceil(positiveNumber(cli, '--limit', options.limit)));
  const verb = AUDITED_VERBS.find((known) => known === options.verb);
  if (options.verb !== undefined && verb === undefined)
    throw new GuardianError('USAGE', cli.say('audit.unknown_verb', { verbs: AUDITED_VERBS.join(', ') }));
  const wanted: Pick<AuditFilter, 'actor' | 'verb'> = {
    ...(options.actor === undefined ? {} : { actor: options.actor }),
    ...(verb === undefined ? {} : { verb }),
  };
  const query = new URLSearchParams({ limit: String(limit), ...wanted });
  const zone = cli.config().time_zone;
  const { items, timeZone } = await onlineOrNot<{ readonly items: readonly AuditRow[]; readonly timeZone: string }>(cli, options.url, {
    online: async (client) => ({
      items: (await client.get<AuditPage>(`/audit?${query.toString()}`)).items,
      timeZone: await zoneOfServer(client, cli.config()),
    }),
    offline: async (database) => ({ items: (await listAudit(database, wanted, { limit })).items, timeZone: zone }),
    none: { items: [], timeZone: zone },
  });
  if (options.json === true) cli.print(JSON.stringify({ items }, null, 2));
  else for (const line of linesOf(cli, items, timeZone)) cli.print(line);
  return EXIT.ok;
}

async function verifyCommand(cli: Cli, { head, url }: { readonly head?: string; readonly url?: string }): Promise<number> {
  const noted = head?.toLowerCase();
  if (noted !== undefined && !HASH.test(noted)) throw new GuardianError('USAGE', cli.say('audit.bad_head'));
  const {
    rows,
    head: newest,
    fault,
    hasNoted,
  } = await onlineOrNot(cli, url, {
    online: (client) => verifyOnline(client, noted),
    offline: (database) => verifyAudit(database, noted),
    none: { rows: 0, head: undefined, fault: null, hasNoted: noted === undefined },
  });
  if (fault !== null) {
    cli.print(cli.say(`audit.fault.${fault.why}`, { number: fault.number }));
    return EXIT.failed;
  }
  if (!hasNoted) {
    cli.print(cli.say('audit.cut', { head: noted ?? '', n: rows }));
    return EXIT.failed;
  }
  cli.print(newest === undefined ? cli.say('audit.none') : cli.say('audit.good', { n: rows, head: newest }));
  return EXIT.ok;
}

/** Checks here what the server lists: it is not asked for its own opinion. */
async function verifyOnline(client: ServerClient, noted: string | undefined): Promise<Verified> {
  const rows: AuditRow[] = [];
  let newest: AuditHead | undefined;
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: '1000', ...(cursor === null ? {} : { cursor }) });
    const page: AuditPage = await client.get<AuditPage>(`/audit?${query.toString()}`);
    rows.push(...page.items);
    newest ??= page.head ?? undefined;
    cursor = page.next_cursor;
  } while (cursor !== null);
  const check = createChainCheck(newest);
  for (const row of rows.toReversed()) check.take(row);
  return { ...check.ended(), hasNoted: noted === undefined || rows.some(({ hash }) => hash === noted) };
}

interface Ways<T> {
  readonly online: (client: ServerClient) => Promise<T>;
  readonly offline: (database: Database) => Promise<T>;
  /** Without a database. */
  readonly none: T;
}

async function onlineOrNot<T>(cli: Cli, url: string | undefined, { online, offline, none }: Ways<T>): Promise<T> {
  const config = settledConfig(cli, cli.config());
  const address = url ?? configuredServer(cli.cwd, config)?.url;
  if (address !== undefined) return online(createServerClient(cli, address.replace(/\/+$/, '')));
  const { withIdleDatabase } = await import('../../app/idle-database.ts');
  // A database on a server is others' too: it is read in the schema that it has.
  const store = config.store.engine === 'postgres' ? { ...config.store, migrate: 'manual' as const } : config.store;
  const deps = { config: { ...config, store }, clock: cli.clock, log: commandLogger(cli) };
  return (await withConfiguredDatabase(cli, config, (dir) => withIdleDatabase(dir, deps, offline))) ?? none;
}

function linesOf(cli: Cli, items: readonly AuditRow[], timeZone: string): string[] {
  if (items.length === 0) return [cli.say('audit.none')];
  const clock = localDate(cli, timeZone);
  return items.map(({ number, at, actor, channel, address, verb, result, arguments: given }) =>
    cli.say('audit.line', {
      number,
      at: clock(at),
      actor: actorText(cli, actor),
      address: `${channel} ${address ?? '-'}`,
      verb,
      result,
      arguments: JSON.stringify(given),
    }),
  );
}

/** A configured person by name and id, by which rows are filtered; a program by its id, and the name that it claims. */
function actorText(cli: Cli, { id, kind, name, claimed_name: claimed }: AuditRow['actor']): string {
  if (claimed !== null) return cli.say('audit.claimed', { id, name: claimed });
  return kind !== 'person' || id.startsWith('session:') || name === id ? id : `${name} (${id})`;
}
