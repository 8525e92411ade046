import { closestName } from '../check/closest-name.ts';
import { ACTION_NAMES, actionEntry } from './action-table.ts';
import { placeholdersIn } from './placeholder.ts';
import type { RuleBreach } from './runbook-problem.ts';
import type { CheckFile, StepFile } from './runbook-schema.ts';
import { secretOf } from './secret.ts';

type Path = readonly (string | number)[];

const KINDS = ['command', 'http', 'sql', 'action', 'wait_until'] as const;
/** Fields that mean nothing without another one. */
const NEEDS: Readonly<Record<string, string>> = { env: 'command', directory: 'command', args: 'sql', with: 'action' };
const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|.*(token|secret|password|api-?key).*)$/i;
const SECRET_VARIABLE = /(token|secret|passw|senha|api_?key|credential)/i;
/** A statement that begins like this may still write (`with x as (delete ...)`); the read-only transaction refuses it then. */
const READS = /^\s*(select|with|values|table|show|explain)\b/i;

/** What a schema cannot say of a step. Pure. */
export function stepBreaches(step: StepFile, path: Path, names: ReadonlySet<string>): readonly RuleBreach[] {
  const own = [...textBreaches({ name: step.name, leaves: step.leaves }, path, names), ...workBreaches(step, path, names, KINDS)];
  if (step.wait_until === undefined) return own;
  const checkPath = [...path, 'wait_until', 'check'];
  const alone = KINDS.filter((kind) => kind !== 'wait_until');
  return [...own, ...workBreaches(step.wait_until.check, checkPath, names, alone), ...checkAsks(step.wait_until.check, checkPath)];
}

/** A check that changes something would do so every two seconds. */
function checkAsks({ action }: CheckFile, path: Path): readonly RuleBreach[] {
  const entry = actionEntry(action ?? '');
  return entry?.changes === true ? [{ path: [...path, 'action'], rule: 'check_changes', params: { name: action ?? '' } }] : [];
}

function workBreaches(work: CheckFile, path: Path, names: ReadonlySet<string>, kinds: readonly string[]): readonly RuleBreach[] {
  const given = kinds.filter((kind) => Object.hasOwn(work, kind));
  const breaches: RuleBreach[] = [];
  if (given.length !== 1) breaches.push({ path, rule: 'one_of', params: { names: kinds.join(', ') } });
  for (const [field, kind] of Object.entries(NEEDS)) {
    if (Object.hasOwn(work, field) && !Object.hasOwn(work, kind))
      breaches.push({ path: [...path, field], rule: 'needs', params: { name: kind } });
  }
  return [
    ...breaches,
    ...unknownPlaceholders(work, path, names),
    ...commandBreaches(work, path),
    ...httpBreaches(work, path),
    ...sqlBreaches(work, path),
    ...actionBreaches(work, path),
  ];
}

function unknownPlaceholders(work: CheckFile, path: Path, names: ReadonlySet<string>): readonly RuleBreach[] {
  const { command, http, args, with: given, env, expect, directory } = work;
  return textBreaches({ command, http, args, with: given, env, expect, directory }, path, names);
}

/** Placeholders of these fields that nothing fills. */
export function textBreaches(fields: Readonly<Record<string, unknown>>, path: Path, names: ReadonlySet<string>): readonly RuleBreach[] {
  return Object.entries(fields).flatMap(([field, value]) =>
    [...new Set(placeholdersIn(value))]
      .filter((name) => !names.has(name))
      .map((name): RuleBreach => ({ path: [...path, field], rule: 'placeholder', params: { name, names: [...names].join(', ') } })),
  );
}

function commandBreaches({ command, env = {} }: CheckFile, path: Path): RuleBreach[] {
  const program = command?.[0] ?? '';
  const found: RuleBreach[] = [];
  if (placeholdersIn(program).length > 0 || (command !== undefined && program.trim() === ''))
    found.push({ path: [...path, 'command', 0], rule: 'program' });
  return [...found, ...valueBreaches(env, [...path, 'env'], SECRET_VARIABLE)];
}

function httpBreaches({ http }: CheckFile, path: Path): RuleBreach[] {
  const at = [...path, 'http'];
  if (http === undefined) return [];
  const url = http.url.replaceAll(/\{\{[a-z0-9_]+\}\}/g, 'x');
  const address = URL.canParse(url.startsWith('http') ? url : `http://${url}`)
    ? new URL(url.startsWith('http') ? url : `http://${url}`)
    : undefined;
  const found: RuleBreach[] = [];
  if (address === undefined) found.push({ path: [...at, 'url'], rule: 'url' });
  else if (address.username !== '' || address.password !== '') found.push({ path: [...at, 'url'], rule: 'secret_literal' });
  // A value must not choose the server that a secret is sent to.
  if (/^https?:\/\/[^/]*\{\{(?!server_url)/.test(http.url)) found.push({ path: [...at, 'url'], rule: 'url_host' });
  return [...found, ...valueBreaches(http.headers ?? {}, [...at, 'headers'], SECRET_HEADER)];
}

/** Values that may be secrets: one by reference names exactly one source; one that looks like a secret is one by reference. */
function valueBreaches(values: Readonly<Record<string, unknown>>, path: Path, secretName: RegExp): RuleBreach[] {
  return Object.entries(values).flatMap(([name, value]): RuleBreach[] => {
    const at = [...path, name];
    if (typeof value === 'string') return secretName.test(name) ? [{ path: at, rule: 'secret_literal' }] : [];
    return secretOf(value) === undefined ? [{ path: at, rule: 'secret_reference' }] : [];
  });
}

function sqlBreaches({ sql }: CheckFile, path: Path): RuleBreach[] {
  if (sql === undefined) return [];
  const at = [...path, 'sql'];
  const found: RuleBreach[] = [];
  if (placeholdersIn(sql).length > 0) found.push({ path: at, rule: 'sql_placeholder' });
  if (!READS.test(sql)) found.push({ path: at, rule: 'sql_read' });
  if (/;\s*\S/.test(sql)) found.push({ path: at, rule: 'sql_one' });
  return found;
}

function actionBreaches({ action, with: given = {} }: CheckFile, path: Path): RuleBreach[] {
  if (action === undefined) return [];
  const entry = actionEntry(action);
  if (entry === undefined) {
    const near = closestName(action, ACTION_NAMES);
    const at = [...path, 'action'];
    return [
      near === undefined
        ? { path: at, rule: 'choice', params: { choices: ACTION_NAMES.join(', ') } }
        : { path: at, rule: 'action_near', params: { name: near } },
    ];
  }
  const names = Object.keys(entry.arguments);
  const unknown = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name): RuleBreach => ({ path: [...path, 'with', name], rule: 'unknown', params: { names: names.join(', ') || '-' } }));
  const missing = Object.entries(entry.arguments)
    .filter(([name, { required }]) => required && !Object.hasOwn(given, name))
    .map(([name]): RuleBreach => ({ path: [...path, 'action'], rule: 'action_argument', params: { name } }));
  return [...unknown, ...missing];
}
