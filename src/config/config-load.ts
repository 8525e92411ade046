import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Default } from 'typebox/value';
import { parseDocument } from 'yaml';
import type { TSchema } from 'typebox';
import { addressProblem } from '../alert/notify/webhook/target.ts';
import { GuardianError, messageOf } from '../errors.ts';
import { closestName } from '../check/closest-name.ts';
import type { Config } from './config-schema.ts';
import { severityProblems } from './severity-rules.ts';
import { listSettings, problemsOf, readText, type Setting } from './config-settings.ts';

export interface ConfigSources {
  /** File that was asked for; it must exist. Default: GUARDIAN_CONFIG, else `guardian.yaml` in `cwd` when it is there. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Dotted setting to text, as given on the command line. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Where a value came from; `name` is the file, the variable or the flag. */
export interface Origin {
  readonly source: 'default' | 'file' | 'environment' | 'flag';
  readonly name: string;
}

export interface ConfigProblem {
  readonly setting: string;
  readonly origin: Origin;
  readonly message: string;
}

export interface LoadedConfig {
  /** Always complete and valid: a setting with a problem has its default. Frozen. */
  readonly config: Config;
  /** By dotted setting; a setting without a value has no origin. */
  readonly origins: Readonly<Record<string, Origin>>;
  readonly problems: readonly ConfigProblem[];
}

const DEFAULT_ORIGIN: Origin = { source: 'default', name: 'default' };
const FILE_VARIABLE = 'GUARDIAN_CONFIG';
const DEFAULT_FILE = 'guardian.yaml';

interface Draft {
  readonly settings: ReadonlyMap<string, Setting>;
  readonly values: Map<string, unknown>;
  readonly origins: Record<string, Origin>;
  readonly problems: ConfigProblem[];
}

/** Puts the layers together, weakest first: defaults, file, environment, flags. Never throws: everything that is wrong is
 *  in `problems`, each with its setting and where it came from. An empty environment variable counts as not set. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const settings = new Map(listSettings().map((setting) => [setting.path, setting]));
  const draft: Draft = { settings, values: new Map(), origins: {}, problems: [] };
  for (const setting of settings.values()) {
    if (setting.schema.default === undefined) continue;
    draft.values.set(setting.path, structuredClone(setting.schema.default));
    draft.origins[setting.path] = DEFAULT_ORIGIN;
  }
  applyFile(draft, sources);
  applyEnvironment(draft, sources.env);
  applyFlags(draft, sources.flags ?? {});
  checkSeverity(draft);
  return { config: freeze(build(draft.values)) as Config, origins: draft.origins, problems: draft.problems };
}

/** Throws CONFIG_INVALID with every problem, one per line, when there is any. */
export function requireValid(loaded: LoadedConfig): Config {
  if (loaded.problems.length === 0) return loaded.config;
  const lines = loaded.problems.map((problem) => `  ${problem.setting} ${problem.message} (${problem.origin.name})`);
  const many = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
  throw new GuardianError('CONFIG_INVALID', `The configuration has ${many}:\n${lines.join('\n')}`, { data: { problems: loaded.problems } });
}

function hint(name: string, names: Iterable<string>): string {
  const near = closestName(name, [...names]);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** Takes a value into the draft when it is right; a wrong one leaves the weaker layer's value. */
function put(draft: Draft, setting: Setting, raw: unknown, origin: Origin): void {
  const value = Default(setting.schema as TSchema, structuredClone(raw));
  const messages = [...problemsOf(setting, value), ...extraProblems(setting.path, value)];
  for (const message of messages) draft.problems.push({ setting: setting.path, origin, message });
  if (messages.length > 0) return;
  draft.values.set(setting.path, value);
  draft.origins[setting.path] = origin;
}

function putText(draft: Draft, setting: Setting, text: string, origin: Origin): void {
  const read = readText(setting, text);
  if (read.ok) put(draft, setting, read.value, origin);
  else draft.problems.push({ setting: setting.path, origin, message: read.message });
}

/** Rules that a schema cannot say. */
function extraProblems(path: string, value: unknown): readonly string[] {
  if (path === 'time_zone' && typeof value === 'string' && !isTimeZone(value))
    return [`must be an IANA time zone such as America/Sao_Paulo, not "${value}"`];
  if (path !== 'alert.receivers' || !Array.isArray(value)) return [];
  const receivers = value.map((receiver) => (receiver ?? {}) as { name?: unknown; url?: unknown; token?: unknown });
  const names = receivers.map(({ name }) => name);
  const twice = names
    .filter((name, index) => name !== undefined && names.indexOf(name) !== index)
    .map((name) => `has two receivers named "${String(name)}"`);
  return [...twice, ...receivers.flatMap(receiverProblem)];
}

function receiverProblem({ url, token }: { url?: unknown; token?: unknown }, index: number): string[] {
  if (typeof url !== 'string' || !/^https?:/.test(url)) return [];
  const problem = addressProblem({ url, token: typeof token === 'string' ? token : undefined });
  return problem === null ? [] : [`[${index}]${problem.startsWith('url:') ? '.' : ': '}${problem}`];
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Limits that contradict one another have their defaults, all of them. */
function checkSeverity(draft: Draft): void {
  const { detect } = build(draft.values) as Config;
  const problems = severityProblems(detect.severity);
  if (problems.length === 0) return;
  for (const { setting, message } of problems) {
    const own = draft.origins[setting];
    const other = draft.origins[setting.replace('.warning.', '.critical.')];
    draft.problems.push({ setting, origin: own === undefined || own.source === 'default' ? (other ?? DEFAULT_ORIGIN) : own, message });
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
  const origin: Origin = { source: 'file', name };
  const complain = (message: string) => draft.problems.push({ setting: '(file)', origin, message });
  let source: string;
  try {
    source = readFileSync(asked === undefined ? join(cwd, name) : resolve(cwd, name), 'utf8');
  } catch (error) {
    if (asked !== undefined || (error as { code?: string }).code !== 'ENOENT') complain(`cannot be read: ${messageOf(error)}`);
    return;
  }
  const document = parseDocument(source);
  for (const error of document.errors) complain(`is not valid YAML: ${error.message.split('\n')[0]}`);
  if (document.errors.length > 0) return;
  const root: unknown = document.toJS();
  if (root !== null && root !== undefined) applySection(draft, root, '', origin);
}

function applySection(draft: Draft, section: unknown, path: string, origin: Origin): void {
  const at = path === '' ? '' : `${path}.`;
  if (section === null) return;
  if (typeof section !== 'object' || Array.isArray(section)) {
    draft.problems.push({ setting: path === '' ? '(file)' : path, origin, message: 'must be a section with settings' });
    return;
  }
  for (const [key, value] of Object.entries(section)) {
    const child = `${at}${key}`;
    const setting = draft.settings.get(child);
    if (setting !== undefined) put(draft, setting, value, origin);
    else if ([...draft.settings.keys()].some((name) => name.startsWith(`${child}.`))) applySection(draft, value, child, origin);
    else draft.problems.push({ setting: child, origin, message: `is not a setting${hint(child, names(draft, at))}` });
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
    const origin: Origin = { source: 'environment', name };
    if (setting !== undefined) putText(draft, setting, text, origin);
    else draft.problems.push({ setting: name, origin, message: `is not a setting${hint(name, byName.keys())}` });
  }
}

function applyFlags(draft: Draft, flags: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(flags)) {
    const setting = draft.settings.get(path);
    const origin: Origin = { source: 'flag', name: `--${path}` };
    if (setting !== undefined) putText(draft, setting, text, origin);
    else draft.problems.push({ setting: path, origin, message: `is not a setting${hint(path, draft.settings.keys())}` });
  }
}

function build(values: ReadonlyMap<string, unknown>): unknown {
  const root: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const parts = path.split('.');
    const last = parts.pop() ?? path;
    let target = root;
    for (const part of parts) target = (target[part] ??= {}) as Record<string, unknown>;
    target[last] = value;
  }
  return root;
}

function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const child of Object.values(value)) freeze(child);
  return Object.freeze(value);
}
