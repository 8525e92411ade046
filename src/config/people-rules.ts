import { Person } from '@transaction-guardian/contracts/person.ts';
import { RESERVED_IDS } from '@transaction-guardian/contracts/role.ts';
import { Check } from 'typebox/value';
import { readIdentity } from '../auth/identity.ts';
import type { RuleProblem } from './config-problem.ts';

/** What a schema cannot say of people: each id and each identity is one person's, and identities are real accounts. */
export function peopleProblems(value: unknown): readonly RuleProblem[] {
  if (!Array.isArray(value)) return [];
  const ids = new Set<string>();
  const owners = new Map<string, string>();
  return value.flatMap((person: unknown, index) => {
    if (!Check(Person, person)) return [];
    const problems = [
      ...idProblems(person, index, ids),
      ...person.identities.flatMap((_, at) => identityProblems(person, index, at, owners)),
    ];
    ids.add(person.id);
    return problems;
  });
}

function idProblems({ id }: Person, index: number, ids: ReadonlySet<string>): RuleProblem[] {
  const place = `[${index}].id`;
  if (RESERVED_IDS.some((reserved) => reserved === id)) return [{ rule: 'reserved', place, value: id }];
  return ids.has(id) ? [{ rule: 'person_twice', place, value: id }] : [];
}

/** `owners`: by key, who has the identities before this one. */
function identityProblems({ id, identities }: Person, index: number, at: number, owners: Map<string, string>): RuleProblem[] {
  const identity = identities[at] ?? '';
  const place = `[${index}].identities[${at}]`;
  const read = readIdentity(identity);
  if ('problem' in read) return [{ ...read.problem, place, value: JSON.stringify(identity) }];
  const owner = owners.get(read.key);
  if (owner !== undefined) return [{ rule: 'identity_twice', params: { person: owner }, place, value: identity }];
  owners.set(read.key, id);
  return [];
}
