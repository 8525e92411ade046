import type { Actor } from '@transaction-guardian/contracts/actor.ts';
import type { AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { RunbookDryRun, RunbookView } from '@transaction-guardian/contracts/runbook.ts';
import { reasonText, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { includesRole } from '../auth/directory.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { readHeldRuns } from '../store/verbs/runbook/runbook-run.ts';
import type { Catalogue } from './catalogue.ts';
import { describeStep, kindOf } from './describe-step.ts';
import { msOf } from './duration.ts';
import { checkParameters, ruleText } from './parameters.ts';
import { fill } from './placeholder.ts';
import type { ReadRunbook } from './read-runbook.ts';
import { refusal, refusalText, type Refusal } from './refusal.ts';
import { runbookSentence } from './runbook-problem.ts';
import type { ParameterFile, RunbookFile } from './runbook-schema.ts';
import type { Runs } from './runs.ts';
import { startObstacle } from './start-run.ts';
import { unavailableReason, type ServerForm } from './unavailable.ts';

/** Shows runbooks without touching anything. */
export interface RunbookReader {
  /** All files; `alert`: only those that are suggested for alerts of this type. */
  list(locale: Locale, alert?: AnomalyType): Promise<readonly RunbookView[]>;
  find(name: string, locale: Locale): Promise<RunbookView | Refusal>;
  /** What a run would do now, and what would keep it from that. */
  dryRun(
    actor: Actor,
    wanted: { readonly name: string; readonly parameters: Readonly<Record<string, unknown>> },
    locale: Locale,
  ): Promise<RunbookDryRun | Refusal>;
}

export interface ReaderDeps extends ServerForm {
  readonly catalogue: Catalogue;
  readonly database: Database;
  readonly clock: Clock;
  readonly runs: Pick<Runs, 'valuesOf'>;
  /** IANA zone of times in obstacles. */
  readonly timeZone: string;
}

export function createRunbookReader(deps: ReaderDeps): RunbookReader {
  const { catalogue, database, clock } = deps;
  const running = async (): Promise<ReadonlyMap<string, string>> =>
    new Map((await readHeldRuns(database)).map(({ record }) => [record.runbook, record.id]));
  const view = async (file: ReadRunbook, locale: Locale, held: ReadonlyMap<string, string>): Promise<RunbookView> => {
    const reason = await unavailableReason(file.runbook, deps);
    return viewOf(file, locale, {
      running: held.get(file.name) ?? null,
      unavailable: reason === null ? null : reasonText(locale, reason),
    });
  };
  return {
    async list(locale, alert) {
      const held = await running();
      const files = catalogue.all().filter(({ runbook }) => alert === undefined || runbook?.content.alerts?.includes(alert) === true);
      return Promise.all(files.map((file) => view(file, locale, held)));
    },
    async find(name, locale) {
      const file = catalogue.find(name);
      return file === undefined ? unknown(catalogue, name) : view(file, locale, await running());
    },
    async dryRun(actor, { name, parameters }, locale) {
      const file = catalogue.find(name);
      if (file === undefined) return unknown(catalogue, name);
      const { runbook } = file;
      if (runbook === undefined) return refusal('broken', { name });
      const checked = checkParameters(runbook.content.parameters ?? [], parameters);
      if (checked.breaches.length > 0) return { ...refusal('parameters'), breaches: checked.breaches };
      const values = deps.runs.valuesOf({ id: '…', parameters: checked.values });
      const { content } = runbook;
      const obstacle = await startObstacle(database, { runbook, alert: null }, clock.now());
      const role = content.roles.some((one) => includesRole(actor.role, one)) ? null : refusal('role', { roles: content.roles.join(', ') });
      const missing = await unavailableReason(runbook, deps);
      return {
        runbook: name,
        text: String(fill(content.dry_run[locale], values)),
        parameters: checked.values,
        steps: content.steps.map((step) => ({
          name: String(fill(step.name[locale], values)),
          kind: kindOf(step),
          does: describeStep(step, values),
        })),
        obstacles: [
          ...[role, obstacle].filter((one) => one !== null).map((one) => refusalText(locale, one, { timeZone: deps.timeZone })),
          ...(missing === null ? [] : [reasonText(locale, missing)]),
        ],
      };
    },
  };
}

function unknown(catalogue: Catalogue, name: string): Refusal {
  return refusal('unknown', {
    name: name.slice(0, 64),
    names: catalogue
      .all()
      .map((one) => one.name)
      .join(', '),
  });
}

function viewOf(file: ReadRunbook, locale: Locale, state: Pick<RunbookView, 'running' | 'unavailable'>): RunbookView {
  const content: Partial<RunbookFile> = file.runbook?.content ?? {};
  return {
    name: file.name,
    description: content.description?.[locale] ?? '',
    file: file.file,
    problems: file.problems.map((problem) => runbookSentence(locale, problem)),
    parameters: (content.parameters ?? []).map((parameter) => viewParameter(parameter, locale)),
    steps: (content.steps ?? []).map((step) => ({ name: step.name[locale], kind: kindOf(step) })),
    roles: [...(content.roles ?? [])],
    confirm: content.confirm ?? 'none',
    cooldown_s: msOf(content.cooldown, 0) / 1000,
    alerts: [...(content.alerts ?? [])],
    runs_by_itself: content.auto !== undefined,
    ...state,
  };
}

function viewParameter(parameter: ParameterFile, locale: Locale): RunbookView['parameters'][number] {
  const { name, type, description, default: value, choices } = parameter;
  const shown = {
    ...{ name, type, description: description[locale], required: value === undefined, rule: ruleText(parameter) },
    ...(choices === undefined ? {} : { choices: [...choices] }),
  };
  return value === undefined ? shown : { ...shown, default: value as string | number | boolean };
}
