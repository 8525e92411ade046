import type { StepKind } from '@transaction-guardian/contracts/runbook-word.ts';
import { maskCardNumbers } from '../pan/card-number.ts';
import { fill, fillText, fillUrl, type Values } from './placeholder.ts';
import type { CheckFile, StepFile } from './runbook-schema.ts';
import { secretName, secretOf } from './secret.ts';

/** What kind of step it is. Pure. */
export function kindOf({ command, http, sql, wait_until }: StepFile): StepKind {
  if (wait_until !== undefined) return 'wait_until';
  if (command !== undefined) return 'command';
  if (http !== undefined) return 'http';
  return sql === undefined ? 'action' : 'sql';
}

/** What a step does, with the values in their places: `docker compose restart api`. Secrets by reference, card numbers masked. Pure. */
export function describeStep(step: StepFile, values: Values): string {
  return maskCardNumbers(describeWork(step.wait_until?.check ?? step, values));
}

function describeWork({ command, env, http, sql, args, action, with: given }: CheckFile, values: Values): string {
  if (command !== undefined) return [...pairs(env, values), ...command.map((part) => quoted(fillText(part, values)))].join(' ');
  if (http !== undefined) return [http.method ?? 'GET', fillUrl(http.url, values), ...pairs(http.headers, values)].join(' ');
  if (sql !== undefined) return args === undefined ? sql : `${sql} ${JSON.stringify(fill(args, values))}`;
  return [action ?? '', ...pairs(given, values)].join(' ');
}

function pairs(given: Readonly<Record<string, unknown>> | undefined, values: Values): string[] {
  return Object.entries(given ?? {}).map(([name, value]) => {
    const reference = secretOf(value);
    return `${name}=${reference === undefined ? quoted(String(fill(value, values))) : secretName(reference)}`;
  });
}

const quoted = (text: string): string => (/^[\w@%+=:,./{}-]+$/.test(text) ? text : JSON.stringify(text));
