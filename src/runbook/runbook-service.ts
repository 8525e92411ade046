import type { Actor, ActorIdentity } from '@transaction-guardian/contracts/actor.ts';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { ActVerb } from '@transaction-guardian/contracts/audited-verb.ts';
import type { Role } from '@transaction-guardian/contracts/role.ts';
import type { RunRecord } from '@transaction-guardian/contracts/runbook.ts';
import { CONFIRMATION_TTL_S, type Confirmation } from '@transaction-guardian/contracts/runbook-word.ts';
import type { Act, Acted } from '../auth/act.ts';
import { guardianActor, includesRole } from '../auth/directory.ts';
import type { Clock } from '../clock.ts';
import type { Database, Sql } from '../store/database.ts';
import { listRuns, readRun, type RunFilter } from '../store/verbs/runbook/list-runs.ts';
import {
  insertConfirmation,
  takeConfirmation,
  useConfirmation,
  type PendingRun,
  type StoredConfirmation,
} from '../store/verbs/runbook/runbook-confirmation.ts';
import { askToCancel } from '../store/verbs/runbook/runbook-run.ts';
import type { Page, PageRequest } from '../store/verbs/page.ts';
import type { Catalogue } from './catalogue.ts';
import { codeHash, newCode } from './confirmation-code.ts';
import { holderText, type Holder } from './holder.ts';
import { checkParameters } from './parameters.ts';
import type { Runbook } from './read-runbook.ts';
import { refusal, type Refusal } from './refusal.ts';
import { definitionOf } from './run-record.ts';
import type { Runs } from './runs.ts';
import { startObstacle, startRun, type WantedRun } from './start-run.ts';
import { unavailableReason, type ServerForm } from './unavailable.ts';

/** What came of a request. */
export type RequestOutcome =
  | { readonly kind: 'started'; readonly run: RunRecord }
  | {
      readonly kind: 'needs_confirmation';
      readonly code: string;
      readonly confirm: Confirmation;
      readonly expiresAt: number;
      readonly pending: PendingRun;
    }
  | Refusal;

export type CancelOutcome = { readonly kind: 'asked'; readonly by: ActorIdentity } | Refusal;

/** An alert that starts a runbook. `key`: the same for the same occurrence. */
export interface StartingAlert {
  readonly fingerprint: string;
  readonly key: string;
}

/** What people, and alerts, do with runbooks. Each act and its audit row are one transaction; a run begins after it. Methods throw
 *  what acting throws. */
export interface RunbookService {
  /** Runs it, or gives the code of the confirmation that the file asks for. */
  request(actor: Actor, wanted: { readonly name: string; readonly parameters: Readonly<Record<string, unknown>> }): Promise<RequestOutcome>;
  /** Uses a code: once, within two minutes, by whom the file asks for. */
  confirm(actor: Actor, code: string): Promise<RequestOutcome>;
  /** Goes on with a run that was interrupted, or failed, at a step that may be repeated; asks for the same confirmation. */
  resume(actor: Actor, runId: string): Promise<RequestOutcome>;
  /** Asks for the end of a run; whoever may run it may cancel it. */
  cancel(actor: Actor, runId: string): Promise<CancelOutcome>;
  /** Runs it for an alert, where the file says so. */
  startFor(alert: StartingAlert, name: string): Promise<RequestOutcome>;
  runs(filter: RunFilter, page: PageRequest): Promise<Page<RunRecord>>;
  run(id: string): Promise<RunRecord | null>;
}

export interface ServiceDeps extends ServerForm {
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly runs: Runs;
  readonly holder: Holder;
  readonly act: Act;
  /** True for the id of a configured person: what needs two people knows who they are. */
  readonly isPerson: (id: string) => boolean;
  readonly newId: () => string;
  readonly randomBytes: (size: number) => Uint8Array;
}

/** A clock that was set back by more than this makes a code worthless. */
const SET_BACK_MS = 2000;

export function createRunbookService(deps: ServiceDeps): RunbookService {
  const { database, clock, catalogue, runs } = deps;
  const personOf = ({ id }: Actor): string | null => (deps.isPerson(id) ? id : null);
  const startDeps = () => ({ now: clock.now(), newId: deps.newId, holder: holderText(deps.holder), valuesOf: runs.valuesOf });

  async function start(tx: Sql, wanted: WantedRun): Promise<Acted<RequestOutcome>> {
    const started = await startRun(tx, wanted, startDeps());
    if ('kind' in started) return refused(started);
    return {
      value: { kind: 'started', run: started },
      outcome: { result: 'done', after: { run: started.id, file_hash: started.file_hash } },
    };
  }

  async function ask(tx: Sql, runbook: Runbook, pending: PendingRun): Promise<Acted<RequestOutcome>> {
    const obstacle = await startObstacle(tx, { runbook, alert: null }, clock.now());
    if (obstacle !== null) return refused(obstacle);
    const code = newCode(deps.randomBytes);
    const requestedAt = clock.now();
    const expiresAt = requestedAt + CONFIRMATION_TTL_S * 1000;
    await insertConfirmation(tx, codeHash(code), { request: pending, requestedAt, expiresAt });
    const { confirm } = runbook.content;
    const after = { confirm, expires_at: new Date(expiresAt).toISOString() };
    return { value: { kind: 'needs_confirmation', code, confirm, expiresAt, pending }, outcome: { result: 'done', after } };
  }

  /** Acts, and begins with the run that comes of it: of this call alone, since a repeated message gets what the first one got. */
  async function acting(
    actor: Actor,
    verb: ActVerb,
    args: Readonly<Record<string, unknown>>,
    work: (tx: Sql) => Promise<Acted<RequestOutcome>>,
  ): Promise<RequestOutcome> {
    let isFirst = false;
    const outcome = await deps.act<RequestOutcome>({ actor, verb, arguments: args }, async (tx) => {
      isFirst = true;
      return work(tx);
    });
    if (isFirst && outcome.kind === 'started') runs.begin(outcome.run);
    return outcome;
  }

  async function requested(tx: Sql, actor: Actor, found: Found | Refusal): Promise<Acted<RequestOutcome>> {
    if ('kind' in found) return refused(found);
    const { runbook, parameters, resumes, lack } = found;
    const { roles, confirm, name } = runbook.content;
    if (!mayRun(actor, roles)) return refused(refusal('role', { roles: roles.join(', ') }));
    if (lack !== null) return refused(unavailable(name, lack));
    const checked = checkParameters(runbook.content.parameters ?? [], parameters);
    if (checked.breaches.length > 0) return refused({ ...refusal('parameters'), breaches: checked.breaches });
    const common = { parameters: checked.values, requestedBy: identityOf(actor), channel: actor.channel, resumes };
    if (confirm === 'none') return start(tx, { ...common, runbook, confirmedBy: null, alert: null });
    return ask(tx, runbook, { ...common, runbook: name, fileHash: runbook.hash, person: personOf(actor) });
  }

  const usable = (name: string): Runbook | Refusal => usableIn(catalogue, name);

  /** Before any question, and outside of the transaction: nobody confirms what would stop half-way. */
  const lackOf = (name: string): Promise<Reason | null> => unavailableReason(catalogue.find(name)?.runbook, deps);

  async function confirm(tx: Sql, actor: Actor, hash: string): Promise<Acted<RequestOutcome>> {
    const stored = await takeConfirmation(tx, hash);
    if (stored === null) return refused(refusal('code_unknown'));
    const { request } = stored;
    const runbook = usable(request.runbook);
    if ('kind' in runbook) return refused(runbook);
    const obstacle = codeObstacle(stored, runbook, { actor, person: personOf(actor), now: clock.now() });
    if (obstacle !== null) return refused(obstacle);
    const { parameters, requestedBy, channel, resumes } = request;
    const acted = await start(tx, { runbook, parameters, requestedBy, channel, resumes, confirmedBy: identityOf(actor), alert: null });
    if (acted.value.kind === 'started') await useConfirmation(tx, hash, acted.value.run.id);
    return acted;
  }

  return {
    async request(actor, { name, parameters }) {
      const lack = await lackOf(name);
      return acting(actor, 'runbook.run', { runbook: name.slice(0, 64), parameters }, (tx) => {
        const runbook = usable(name);
        return requested(tx, actor, 'kind' in runbook ? runbook : { runbook, parameters, resumes: null, lack });
      });
    },
    confirm: (actor, code) => {
      const hash = codeHash(code);
      return acting(actor, 'runbook.confirm', { code: hash.slice(0, 16) }, (tx) => confirm(tx, actor, hash));
    },
    async resume(actor, runId) {
      const lack = await lackOf((await readRun(database, runId))?.runbook ?? '');
      return acting(actor, 'runbook.resume', { run: runId.slice(0, 64) }, async (tx) => {
        const record = await readRun(tx, runId);
        if (record === null) return refused(refusal('unknown_run', { run: runId.slice(0, 64) }));
        const runbook = usable(record.runbook);
        return requested(tx, actor, 'kind' in runbook ? runbook : { runbook, parameters: record.parameters, resumes: runId, lack });
      });
    },
    async cancel(actor, runId) {
      const request = { actor, verb: 'runbook.cancel', arguments: { run: runId.slice(0, 64) } } as const;
      const outcome = await deps.act<CancelOutcome>(request, (tx) => cancel(tx, actor, runId));
      if (outcome.kind === 'asked') runs.cancel(runId, outcome.by);
      return outcome;
    },
    async startFor(alert, name) {
      const lack = await lackOf(name);
      const itself = guardianActor(`runbook ${name} ${alert.key}`);
      return acting(itself, 'runbook.run', { runbook: name, alert: alert.fingerprint }, async (tx) => {
        const runbook = usable(name);
        if ('kind' in runbook) return refused(runbook);
        if (lack !== null) return refused(unavailable(name, lack));
        const { values } = checkParameters(runbook.content.parameters ?? [], {});
        const by = identityOf(itself);
        return start(tx, {
          runbook,
          parameters: values,
          requestedBy: by,
          channel: itself.channel,
          confirmedBy: null,
          resumes: null,
          alert,
        });
      });
    },
    runs: (filter, page) => listRuns(database, filter, page),
    run: (id) => readRun(database, id),
  };
}

/** The runbook of a name, or why it is none. */
function usableIn(catalogue: Catalogue, name: string): Runbook | Refusal {
  const file = catalogue.find(name);
  if (file !== undefined) return file.runbook ?? refusal('broken', { name });
  const names = catalogue.all().map((one) => one.name);
  return refusal('unknown', { name: name.slice(0, 64), names: names.join(', ') });
}

async function cancel(tx: Sql, actor: Actor, runId: string): Promise<Acted<CancelOutcome>> {
  const record = await readRun(tx, runId);
  if (record === null) return refused(refusal('unknown_run', { run: runId.slice(0, 64) }));
  const { roles } = definitionOf(record);
  if (!mayRun(actor, roles)) return refused(refusal('role', { roles: roles.join(', ') }));
  const by = await askToCancel(tx, runId, identityOf(actor));
  if (by === undefined) return refused(refusal('not_running', { run: runId, state: record.state }));
  return { value: { kind: 'asked', by }, outcome: { result: by.id === actor.id ? 'done' : 'unchanged', after: { cancelled_by: by.id } } };
}

const mayRun = (actor: Actor, roles: readonly Role[]): boolean => roles.some((role) => includesRole(actor.role, role));

interface Found {
  readonly runbook: Runbook;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly resumes: string | null;
  /** Why it cannot work on this server; null when it can. */
  readonly lack: Reason | null;
}

const unavailable = (name: string, reason: Reason): Refusal => ({ ...refusal('unavailable', { name }), reason });

function refused<T>(value: T & Refusal): Acted<T> {
  return { value, outcome: { result: value.why.startsWith('unknown') ? 'not_found' : 'refused', after: { refused: value.why } } };
}

function identityOf({ id, kind, name, claimed_name }: Actor): ActorIdentity {
  return { id, kind, name, claimed_name };
}

/** Why a code does not work for this actor now; null when it does. */
function codeObstacle(
  { request, requestedAt, expiresAt, runId }: StoredConfirmation,
  { content, hash }: Runbook,
  { actor, person, now }: { readonly actor: Actor; readonly person: string | null; readonly now: number },
): Refusal | null {
  if (runId !== null) return refusal('code_used', { run: runId });
  if (now > expiresAt || now < requestedAt - SET_BACK_MS) return refusal('code_expired', { seconds: CONFIRMATION_TTL_S });
  if (hash !== request.fileHash) return refusal('changed', { name: content.name });
  if (content.confirm === 'self')
    return actor.id === request.requestedBy.id ? null : refusal('code_sender', { by: request.requestedBy.name });
  if (actor.id === request.requestedBy.id || (person !== null && person === request.person)) return refusal('code_same_person');
  if (person === null || request.person === null) return refusal('code_no_person');
  return includesRole(actor.role, 'approver') ? null : refusal('code_role', { roles: 'approver' });
}
