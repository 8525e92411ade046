import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createAct } from '../auth/act.ts';
import { personActor } from '../auth/directory.ts';
import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { Role } from '@transaction-guardian/contracts/role.ts';
import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import { systemClock, type Clock } from '../clock.ts';
import { createProcessHost } from './step/local-host.ts';
import type { Database } from '../store/database.ts';
import { silentLog } from '../store/test-database.ts';
import type { Actions, Supervisor } from './step/action.ts';
import type { Catalogue } from './catalogue.ts';
import { readRunbook } from './read-runbook.ts';
import { createRunChanges, followRun, type RunChanges } from './run-changes.ts';
import { createRunbookService, type RunbookService } from './runbook-service.ts';
import { createRunbookReader, type RunbookReader } from './runbook-view.ts';
import { createRuns, type Runs } from './runs.ts';

/** One start of a server, as far as runbooks are concerned. */
export interface TestServer {
  readonly service: RunbookService;
  readonly reader: RunbookReader;
  readonly runs: Runs;
  readonly changes: RunChanges;
  /** The run when it has ended. */
  ended(id: string): Promise<RunRecord>;
  /** Starts a run that needs no confirmation. */
  started(name: string, parameters?: Readonly<Record<string, unknown>>): Promise<RunRecord>;
}

export interface TestOptions {
  readonly clock?: Clock;
  readonly env?: Readonly<Record<string, string>>;
  readonly actions?: Actions;
  readonly supervisor?: Supervisor;
  /** Process of this start; default one that lives. */
  readonly pid?: number;
  readonly people?: readonly string[];
  readonly serverUrl?: string;
}

/** Somebody with a role. */
export const somebody = (id: string, role: Role = 'operator', messageId: string | null = null): Actor =>
  personActor({ id, name: id, roles: [role], identities: [] }, { channel: 'telegram', messageId });

/** The text of a runbook file; `more`: whole lines. */
export const runbookText = (name: string, steps: string, more = 'confirm: none'): string => `
name: ${name}
description: { pt-BR: teste, en: test }
dry_run: { pt-BR: nada, en: nothing }
roles: [operator]
${more}
steps:
${steps}`;

/** A step that runs a script with this Node. */
export const script = (code: string, more = ''): string => `
  - name: { pt-BR: passo, en: step }
    command: [${JSON.stringify(process.execPath)}, -e, ${JSON.stringify(code)}]
${more}`;

/** A catalogue of these texts, by name. Throws when one has a problem. */
export function catalogueOf(texts: Readonly<Record<string, string>>): Catalogue {
  const files = Object.entries(texts).map(([name, text]) => readRunbook(`${name}.yaml`, text));
  const [wrong] = files.flatMap(({ problems }) => problems);
  if (wrong !== undefined) throw new Error(JSON.stringify(wrong));
  return { all: () => files, find: (name) => files.find((file) => file.name === name) };
}

export function startTestServer(database: Database, catalogue: Catalogue, options: TestOptions = {}): TestServer {
  const clock = options.clock ?? systemClock;
  const env = { PATH: process.env['PATH'] ?? '', ...options.env };
  const changes = createRunChanges();
  const holder = { host: 'test', pid: options.pid ?? process.pid, instance: randomUUID() };
  const actions = options.actions ?? { run: {}, missing: {} };
  const supervisor = options.supervisor ?? { obstacle: async () => null, restart: async () => null };
  const runs = createRuns({
    ...{ clock, log: silentLog, database, host: createProcessHost(process, env), actions, holder, supervisor, changed: changes.tell },
    secrets: { env, readFile: (path) => readFile(path, 'utf8') },
    given: () => ({ server_url: options.serverUrl ?? 'http://127.0.0.1:1', data_dir: '/data' }),
  });
  const service = createRunbookService({
    ...{
      database,
      clock,
      act: createAct({ database, clock }),
      catalogue,
      runs,
      holder,
      actions,
      supervisor,
      randomBytes,
      newId: randomUUID,
    },
    isPerson: (id) => (options.people ?? []).includes(id),
  });
  const reader = createRunbookReader({ catalogue, database, clock, actions, supervisor, runs, timeZone: 'America/Sao_Paulo' });
  return {
    ...{ service, reader, runs, changes },
    async ended(id) {
      let last: RunRecord | undefined;
      for await (const record of followRun({ changes, read: service.run }, id, AbortSignal.timeout(300_000))) last = record;
      if (last === undefined || last.state === 'running') throw new Error(`the run ${id} did not end: ${JSON.stringify(last)}`);
      return last;
    },
    async started(name, parameters = {}) {
      const outcome = await service.request(somebody('ana'), { name, parameters });
      if (outcome.kind !== 'started') throw new Error(JSON.stringify(outcome));
      return outcome.run;
    },
  };
}
