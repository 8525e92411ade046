import { mkdir, writeFile } from 'node:fs/promises';
import { existsSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../bus/bus.ts';
import { listDeadLetters, replayDeadLetters } from '../bus/dead-letter.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Cache } from '../read/cache.ts';
import type { RespondDeps } from '../respond/act.ts';
import { createSilence } from '../respond/silence.ts';
import type { Action, Actions } from '../runbook/step/action.ts';
import { durationMs } from '../runbook/duration.ts';
import { done, failed } from '../runbook/step/step-context.ts';
import { previousModel } from './previous-model.ts';
import { oneWorker, type WindowWorkers } from './window-workers.ts';

export interface ActionDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  /** Data directory, absolute. */
  readonly root: string;
  /** `detect.model`; undefined: the model that ships. */
  readonly model: string | undefined;
  readonly health: () => Promise<Health>;
  readonly drained: () => Promise<void>;
  readonly caches: readonly Cache[];
  readonly respond: RespondDeps;
  readonly workers: WindowWorkers;
  /** What a bundle of diagnostics holds, by name; a part that cannot be read says why. */
  readonly diagnostics: Readonly<Record<string, () => unknown>>;
}

const LETTERS_MOST = 100_000;

/** The built-in actions of the form of the program that runs in one process. */
export function createActions(deps: ActionDeps): Actions {
  return {
    run: {
      'check-dependencies': checkDependencies(deps),
      drain: drain(deps),
      'clear-caches': clearCaches(deps),
      'count-workers': async (_given, { say }) => {
        const partitions = (await deps.bus.ranges(TOPICS.transactions)).length;
        say({ code: 'runbook_workers', params: { n: deps.workers.count(), partitions } });
        return done;
      },
      ...(deps.workers === oneWorker ? {} : { 'scale-workers': scaleWorkers(deps) }),
      'count-dead-letters': countDeadLetters(deps),
      'replay-dead-letters': replayLetters(deps),
      'silence-merchant': silenceMerchant(deps),
      'rollback-model': rollBackModel(deps),
      'collect-diagnostics': collectDiagnostics(deps),
    },
    missing: { 'scale-workers': { code: 'runbook_workers_fixed', params: { n: 1 } } },
    obstacles: { 'rollback-model': () => rollBackObstacle(deps) },
  };
}

function checkDependencies({ health }: ActionDeps): Action {
  return async ({ needs }, { say, output }) => {
    const needed = typeof needs === 'string' ? new Set(needs.split(/[\s,]+/)) : undefined;
    const { status, checks } = await health();
    for (const [name, check] of Object.entries(checks)) output.print(`${name}: ${check.status} ${check.detail ?? ''}`.trimEnd());
    const unwell = Object.entries(checks).filter(([, check]) => check.status !== 'ok');
    for (const [name, { status: state, reasons = [] }] of unwell) {
      say({ code: 'runbook_check', params: { name, state } });
      for (const { cause, ...fact } of reasons) for (const one of cause === undefined ? [fact] : [fact, cause]) say(one);
    }
    const isNeeded = (name: string): boolean => needed?.has(name) ?? !name.startsWith('receiver:');
    const down = unwell.filter(([name, check]) => check.status === 'down' && isNeeded(name)).map(([name]) => name);
    if (down.length > 0) return failed('runbook_down', { names: down.join(', ') });
    return needed === undefined && (status === 'unhealthy' || status === 'starting') ? failed(`runbook_${status}`, {}) : done;
  };
}

function drain({ bus, drained }: ActionDeps): Action {
  return async (_given, { say }) => {
    const accepted = (await bus.ranges(TOPICS.transactions)).reduce((sum, { next }) => sum + next, 0);
    await drained();
    say({ code: 'runbook_drained', params: { n: accepted } });
    return done;
  };
}

function clearCaches({ caches }: ActionDeps): Action {
  return async (_given, { say }) => {
    for (const cache of caches) {
      const before = cache.size();
      cache.clear();
      say({ code: 'runbook_caches', params: { name: cache.name, before, after: cache.size() } });
    }
    return done;
  };
}

const sinceOf = ({ since }: Readonly<Record<string, unknown>>, clock: Clock): { readonly sinceMs?: number } => {
  const back = typeof since === 'string' ? durationMs(since) : undefined;
  return back === undefined ? {} : { sinceMs: clock.now() - back };
};

function countDeadLetters({ bus, clock }: ActionDeps): Action {
  return async (given, { say, output }) => {
    const letters = await listDeadLetters(bus, { ...sinceOf(given, clock), limit: LETTERS_MOST });
    for (const [reason, same] of Map.groupBy(letters, ({ letter }) => letter.reason)) output.print(`${same.length}  ${reason}`);
    say({ code: 'runbook_dead_letters', params: { n: letters.length } });
    return done;
  };
}

function replayLetters({ bus, clock }: ActionDeps): Action {
  return async (given, { say }) => {
    const { replayed, cut } = await replayDeadLetters(bus, sinceOf(given, clock));
    say({ code: 'runbook_replayed', params: { n: replayed, cut } });
    return done;
  };
}

function scaleWorkers({ workers, bus }: ActionDeps): Action {
  return async (given, { say, signal }) => {
    const wanted = Number(given['workers']);
    const partitions = (await bus.ranges(TOPICS.transactions)).length;
    if (wanted > partitions) return failed('runbook_workers_partitions', { n: wanted, partitions });
    const before = workers.count();
    const obstacle = await workers.scale(wanted, signal);
    if (obstacle !== null) return { ok: false, reason: obstacle };
    say({ code: 'runbook_workers_scaled', params: { before, after: workers.count() } });
    return done;
  };
}

function silenceMerchant({ respond, clock }: ActionDeps): Action {
  return async ({ merchant, for: time, max_severity: worst, reason }, { actor, say }) => {
    const maxSeverity = SEVERITIES.find((severity) => severity === worst);
    const matchers = [`merchant_id=${JSON.stringify(String(merchant))}`];
    const endsAt = clock.now() + (durationMs(String(time)) ?? 0);
    const outcome = await createSilence(respond, actor, { scope: { matchers, maxSeverity }, endsAt, reason: String(reason) });
    if (outcome.kind !== 'done') return failed('runbook_not_silenced', { kind: outcome.kind });
    say({ code: 'runbook_silenced', params: { merchant: String(merchant), until: outcome.silence.ends_at, id: outcome.silence.id } });
    return done;
  };
}

/** Why there is no model to go back to; null when there is one. */
function rollBackObstacle({ model }: ActionDeps): Reason | null {
  if (model === undefined) return { code: 'runbook_no_model', params: {} };
  const previous = previousModel(resolve(model));
  return existsSync(previous) ? null : { code: 'runbook_no_previous_model', params: { file: previous } };
}

function rollBackModel(deps: ActionDeps): Action {
  return async (_given, { say }) => {
    const obstacle = rollBackObstacle(deps);
    if (obstacle !== null || deps.model === undefined) return { ok: false, reason: obstacle ?? { code: 'runbook_no_model', params: {} } };
    const file = resolve(deps.model);
    const previous = previousModel(file);
    // The two change places, so that the roll-back can be undone the same way.
    renameSync(file, `${file}.rolled-back`);
    renameSync(previous, file);
    renameSync(`${file}.rolled-back`, previous);
    say({ code: 'runbook_rolled_back', params: { from: previous, to: file } });
    return done;
  };
}

function collectDiagnostics({ root, diagnostics }: ActionDeps): Action {
  return async (_given, { runId, say }) => {
    const parts: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(diagnostics)) {
      try {
        parts[name] = await read();
      } catch (error) {
        parts[name] = { unreadable: messageOf(error) };
      }
    }
    const folder = join(root, 'diagnostics');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `${runId}.json.gz`);
    const packed = await promisify(gzip)(JSON.stringify(parts, null, 2));
    await writeFile(file, packed, { mode: 0o600 });
    say({ code: 'runbook_file', params: { file, bytes: packed.length } });
    return done;
  };
}
