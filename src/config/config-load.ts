import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { addressProblem } from '../alert/notify/webhook/target.ts';
import { GuardianError, messageOf } from '../errors.ts';
import { isTimeZone } from '../check/is-time-zone.ts';
import { closestName } from '../check/closest-name.ts';
import { configSentence, type ConfigProblem, type SettingOrigin, type RuleProblem } from './config-problem.ts';
import type { Config } from './config-schema.ts';
import { onCallProblems } from './oncall-rules.ts';
import { peopleProblems } from './people-rules.ts';
import { processProblems, workerProblem } from './process-list.ts';
import { receiverProblems } from './receiver-rules.ts';
import { matcherProblems, routeProblems } from './route-rules.ts';
import { resolveSecrets, type ReferenceSources } from './secret-reference.ts';
import { severityProblems } from './severity-rules.ts';
import { listSettings, problemsOf, readText, withDefaults, type Setting } from './config-settings.ts';

export interface ConfigSources {
  /** File that was asked for; it must exist. Default: GUARDIAN_CONFIG, else `guardian.yaml` in `cwd` when it is there. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Dotted setting to text, as given on the command line. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface LoadedConfig {
  /** Always complete and valid: a setting with a problem has its default. Frozen. */
  readonly config: Config;
  /** By dotted setting; a setting without a value has no origin. */
  readonly origins: Readonly<Record<string, SettingOrigin>>;
  readonly problems: readonly ConfigProblem[];
}

const DEFAULT_ORIGIN: SettingOrigin = { source: 'default', name: 'default' };
const FILE_VARIABLE = 'GUARDIAN_CONFIG';
const DEFAULT_FILE = 'guardian.yaml';

interface Draft {
  readonly settings: ReadonlyMap<string, Setting>;
  readonly values: Map<string, unknown>;
  readonly origins: Record<string, SettingOrigin>;
  readonly problems: ConfigProblem[];
  readonly references: ReferenceSources;
}

/** Puts the layers together, weakest first: defaults, file, environment, flags. Never throws: everything that is wrong is
 *  in `problems`, each with its setting and where it came from. An empty environment variable counts as not set. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const settings = new Map(listSettings().map((setting) => [setting.path, setting]));
  const references = { env: sources.env, cwd: sources.cwd ?? '.' };
  const draft: Draft = { settings, values: new Map(), origins: {}, problems: [], references };
  for (const setting of settings.values()) {
    if (setting.schema.default === undefined) continue;
    draft.values.set(setting.path, structuredClone(setting.schema.default));
    draft.origins[setting.path] = DEFAULT_ORIGIN;
  }
  applyFile(draft, sources);
  applyEnvironment(draft, sources.env);
  applyFlags(draft, sources.flags ?? {});
  checkStore(draft);
  checkKafka(draft);
  checkProcesses(draft);
  checkSeverity(draft);
  checkOnCall(draft);
  checkRoutes(draft);
  checkNotifier(draft);
  return { config: freeze(build(draft.values)) as Config, origins: draft.origins, problems: draft.problems };
}

/** Throws CONFIG_INVALID with every problem, one per line, when there is any. */
export function requireValid(loaded: LoadedConfig): Config {
  if (loaded.problems.length === 0) return loaded.config;
  const lines = loaded.problems.map((problem) => `  ${configSentence('en', problem)}`);
  const many = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
  throw new GuardianError('CONFIG_INVALID', `The configuration has ${many}:\n${lines.join('\n')}`, { data: { problems: loaded.problems } });
}

/** The rule for a name that is no setting, with the nearest one. */
function unknown(name: string, names: Iterable<string>): RuleProblem {
  const near = closestName(name, [...names]);
  return near === undefined ? { rule: 'unknown' } : { rule: 'unknown_near', params: { name: near } };
}

/** Takes a value into the draft when it is right; a wrong one leaves the weaker layer's value. */
function put(draft: Draft, setting: Setting, raw: unknown, origin: SettingOrigin): void {
  const read = resolveSecrets(setting.schema, structuredClone(raw), draft.references);
  const value = withDefaults(setting.schema, read.value);
  const problems = read.problems.length > 0 ? read.problems : [...problemsOf(setting, value), ...extraProblems(setting.path, value)];
  for (const problem of problems) draft.problems.push({ ...problem, setting: setting.path, origin });
  if (problems.length > 0) return;
  draft.values.set(setting.path, value);
  draft.origins[setting.path] = origin;
}

function putText(draft: Draft, setting: Setting, text: string, origin: SettingOrigin): void {
  const read = readText(setting, text);
  if (read.ok) put(draft, setting, read.value, origin);
  else draft.problems.push({ ...read.problem, setting: setting.path, origin });
}

/** Rules that a schema cannot say. */
function extraProblems(path: string, value: unknown): readonly RuleProblem[] {
  if (path === 'time_zone' && typeof value === 'string' && !isTimeZone(value))
    return [{ rule: 'time_zone', params: { example: 'America/Sao_Paulo' }, value: `"${value}"` }];
  if (path === 'people') return peopleProblems(value);
  if (path === 'processes') return processProblems(value);
  if (path === 'alert.routes' || path === 'alert.inhibit_rules') return matcherProblems(value);
  if ((path === 'incident.tracker_url' || path === 'heartbeat.url') && typeof value === 'string') {
    const problem = addressProblem({ url: value });
    return problem === null ? [] : [problem];
  }
  return path === 'alert.receivers' || path === 'alert.alertmanagers' ? receiverProblems(value) : [];
}

/** Settings in which a rule looks names up. */
const LOOKED_UP_IN: Partial<Record<RuleProblem['rule'], string>> = {
  route_receiver: 'alert.receivers',
  unknown_person: 'people',
  unknown_receiver: 'alert.receivers',
  unknown_schedule: 'oncall.schedules',
};

/** A name is unknown, or a half is missing, only because the value that has it was refused: one mistake is one problem. */
function isConsequence(draft: Draft, { rule, setting }: RuleProblem & { readonly setting: string }): boolean {
  const isHalf = rule === 'from_until' && setting === 'oncall.quiet_hours.from';
  const cause = isHalf ? 'oncall.quiet_hours' : LOOKED_UP_IN[rule];
  return draft.problems.some((problem) => cause !== undefined && `${problem.setting}.`.startsWith(`${cause}.`));
}

/** A value that was refused, or a file of a secret that cannot be read, is missing because of that: one mistake is one problem. */
function hasProblem(draft: Draft, setting: string): boolean {
  return draft.problems.some((problem) => problem.setting === setting);
}

/** A server has an address. */
function checkStore(draft: Draft): void {
  const { store } = build(draft.values) as Config;
  if (store.engine !== 'postgres' || store.url !== undefined || hasProblem(draft, 'store.url')) return;
  draft.problems.push({ setting: 'store.url', origin: draft.origins['store.engine'] ?? DEFAULT_ORIGIN, rule: 'store_url' });
}

/** The log on Kafka has brokers, a user where it signs in, and the transactions on a server: its records cannot be looked up by id. */
function checkKafka(draft: Draft): void {
  const { bus, store } = build(draft.values) as Config;
  if (bus.engine !== 'kafka') return;
  const { brokers, sasl } = bus.kafka;
  const add = (setting: string, rule: 'kafka_brokers' | 'kafka_store' | 'kafka_sasl', from = 'bus.engine'): void => {
    if (!hasProblem(draft, setting)) draft.problems.push({ setting, origin: draft.origins[from] ?? DEFAULT_ORIGIN, rule });
  };
  if (brokers.length === 0) add('bus.kafka.brokers', 'kafka_brokers');
  if (store.engine !== 'postgres') add('store.engine', 'kafka_store');
  if (sasl.mechanism === 'none') return;
  for (const name of ['username', 'password'] as const)
    if (sasl[name] === undefined) add(`bus.kafka.sasl.${name}`, 'kafka_sasl', 'bus.kafka.sasl.mechanism');
}

/** On Kafka other machines have workers too, and the topic may have more partitions than it was asked for. */
function checkProcesses(draft: Draft): void {
  const { bus, processes } = build(draft.values) as Config;
  const problem = bus.engine === 'kafka' ? null : workerProblem(processes, bus.partitions);
  if (problem === null) return;
  draft.problems.push({ ...problem, setting: 'processes', origin: draft.origins['processes'] ?? DEFAULT_ORIGIN });
  draft.values.set('processes', []);
}

/** A route to a receiver that does not exist would lose alerts: then there are no routes, and every receiver gets all. */
function checkRoutes(draft: Draft): void {
  const { alert } = build(draft.values) as Config;
  checkCanary(draft);
  const names = alert.receivers.map(({ name }) => name);
  const problems = routeProblems(alert.routes, names).filter((problem) => !isConsequence(draft, { ...problem, setting: 'alert.routes' }));
  if (problems.length === 0) return;
  const origin = draft.origins['alert.routes'] ?? DEFAULT_ORIGIN;
  draft.problems.push(...problems.map((problem) => ({ ...problem, setting: 'alert.routes', origin })));
  draft.values.set('alert.routes', []);
}

/** Without an Alertmanager alerts go to the receivers, as by default. */
function checkNotifier(draft: Draft): void {
  const { alert } = build(draft.values) as Config;
  if (alert.notifier !== 'alertmanager' || alert.alertmanagers.length > 0) return;
  const origin = draft.origins['alert.notifier'] ?? DEFAULT_ORIGIN;
  draft.problems.push({ rule: 'no_alertmanager', params: {}, setting: 'alert.notifier', origin });
  draft.values.set('alert.notifier', 'embedded');
}

/** A canary to nobody would prove nothing and look configured: then there is none. */
function checkCanary(draft: Draft): void {
  const { alert, canary } = build(draft.values) as Config;
  const names = alert.receivers.map(({ name }) => name);
  const unknownNames = canary.receivers.filter((name) => !names.includes(name));
  if (unknownNames.length === 0) return;
  const origin = draft.origins['canary.receivers'] ?? DEFAULT_ORIGIN;
  const problems = unknownNames.map((name) => ({
    ...{ rule: 'unknown_receiver' as const, params: { names: names.join(', ') || '-' }, value: JSON.stringify(name) },
    ...{ setting: 'canary.receivers', origin },
  }));
  draft.problems.push(...problems.filter((problem) => !isConsequence(draft, problem)));
  draft.values.set('canary.receivers', []);
}

/** Who is on call must be somebody: with a problem there are no schedules and no escalation. */
function checkOnCall(draft: Draft): void {
  const { oncall, people, alert } = build(draft.values) as Config;
  const known = { people: people.map(({ id }) => id), receivers: alert.receivers.map(({ name }) => name) };
  const problems = onCallProblems(oncall, known).filter((problem) => !isConsequence(draft, problem));
  if (problems.length === 0) return;
  draft.problems.push(...problems.map((problem) => ({ ...problem, origin: draft.origins[problem.setting] ?? DEFAULT_ORIGIN })));
  draft.values.set('oncall.schedules', []);
  draft.values.set('oncall.escalation', []);
}

/** Limits that contradict one another have their defaults, all of them. */
function checkSeverity(draft: Draft): void {
  const { detect } = build(draft.values) as Config;
  const problems = severityProblems(detect.severity);
  if (problems.length === 0) return;
  for (const { setting, ...problem } of problems) {
    const own = draft.origins[setting];
    const other = draft.origins[setting.replace('.warning.', '.critical.')];
    const origin = own === undefined || own.source === 'default' ? (other ?? DEFAULT_ORIGIN) : own;
    draft.problems.push({ ...problem, setting, origin });
  }
  for (const setting of draft.settings.values()) {
    if (!setting.path.startsWith('detect.severity.')) continue;
    if (setting.schema.default === undefined) draft.values.delete(setting.path);
    else draft.values.set(setting.path, setting.schema.default);
  }
}

function applyFile(draft: Draft, sources: ConfigSources): void {
  const asked = sources.file ?? (sources.env[FILE_VARIABLE] || undefined);
  const cwd = sources.cwd ?? '.';
  const name = asked ?? DEFAULT_FILE;
  const origin: SettingOrigin = { source: 'file', name };
  const complain = (rule: 'file' | 'yaml', message: string) =>
    draft.problems.push({ setting: '(file)', origin, rule, params: { message } });
  let source: string;
  try {
    source = readFileSync(asked === undefined ? join(cwd, name) : resolve(cwd, name), 'utf8');
  } catch (error) {
    if (asked !== undefined || (error as { code?: string }).code !== 'ENOENT') complain('file', messageOf(error));
    return;
  }
  const document = parseDocument(source);
  for (const error of document.errors) complain('yaml', error.message.split('\n')[0] ?? '');
  if (document.errors.length > 0) return;
  const root: unknown = document.toJS();
  if (root !== null && root !== undefined) applySection(draft, root, '', origin);
}

function applySection(draft: Draft, section: unknown, path: string, origin: SettingOrigin): void {
  const at = path === '' ? '' : `${path}.`;
  if (section === null) return;
  if (typeof section !== 'object' || Array.isArray(section)) {
    draft.problems.push({ setting: path === '' ? '(file)' : path, origin, rule: 'section' });
    return;
  }
  for (const [key, value] of Object.entries(section)) {
    const child = `${at}${key}`;
    const setting = draft.settings.get(child);
    if (setting !== undefined) put(draft, setting, value, origin);
    else if ([...draft.settings.keys()].some((name) => name.startsWith(`${child}.`))) applySection(draft, value, child, origin);
    else draft.problems.push({ ...unknown(child, names(draft, at)), setting: child, origin });
  }
}

/** Settings and sections below a prefix, and all settings: what a mistyped key may have meant. */
function names(draft: Draft, prefix: string): Set<string> {
  const all = new Set<string>();
  for (const name of draft.settings.keys()) {
    if (name.startsWith(prefix)) all.add(prefix + (name.slice(prefix.length).split('.')[0] ?? ''));
  }
  for (const name of draft.settings.keys()) all.add(name);
  return all;
}

function applyEnvironment(draft: Draft, env: ConfigSources['env']): void {
  const byName = new Map([...draft.settings.values()].map((setting) => [setting.env, setting]));
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('GUARDIAN_') || name === FILE_VARIABLE || text === undefined || text === '') continue;
    const setting = byName.get(name);
    const origin: SettingOrigin = { source: 'environment', name };
    if (setting !== undefined) putText(draft, setting, text, origin);
    else draft.problems.push({ ...unknown(name, byName.keys()), setting: name, origin });
  }
}

function applyFlags(draft: Draft, flags: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(flags)) {
    const setting = draft.settings.get(path);
    const origin: SettingOrigin = { source: 'flag', name: `--${path}` };
    if (setting !== undefined) putText(draft, setting, text, origin);
    else draft.problems.push({ ...unknown(path, draft.settings.keys()), setting: path, origin });
  }
}

/** Every section is there, also one whose settings have no value. */
function build(values: ReadonlyMap<string, unknown>): unknown {
  const root: Record<string, unknown> = {};
  for (const path of new Set([...listSettings().map((setting) => setting.path), ...values.keys()])) {
    const parts = path.split('.');
    const last = parts.pop() ?? path;
    let target = root;
    for (const part of parts) target = (target[part] ??= {}) as Record<string, unknown>;
    if (values.has(path)) target[last] = values.get(path);
  }
  return root;
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const child of Object.values(value)) freeze(child);
  return Object.freeze(value);
}
