import { addressProblem } from '../alert/notify/webhook/target.ts';
import type { RuleProblem } from './config-problem.ts';

/** Settings of a receiver, of any kind, before they are known to be right. */
type Loose = Readonly<Record<string, unknown>>;

/** Where each kind has an address that HTTP clients must be able to reach. */
const ADDRESSES = ['url', 'api_url', 'server_url'] as const;

/** What a schema cannot say of receivers: each name is one receiver's, addresses can be reached, a password is not sent in the clear. */
export function receiverProblems(value: unknown): readonly RuleProblem[] {
  if (!Array.isArray(value)) return [];
  const receivers = value.map((receiver: unknown): Loose => (typeof receiver === 'object' && receiver !== null ? { ...receiver } : {}));
  const names = receivers.map(({ name }) => name);
  const twice = names
    .filter((name, index) => name !== undefined && names.indexOf(name) !== index)
    .map((name): RuleProblem => ({ rule: 'twice', params: { name: `"${String(name)}"` } }));
  return [
    ...twice,
    ...backupProblems(receivers),
    ...receivers.flatMap((receiver, index) => [...addressProblems(receiver, index), ...mailProblems(receiver, index)]),
  ];
}

function addressProblems(receiver: Loose, index: number): RuleProblem[] {
  return ADDRESSES.flatMap((field) => {
    const url = receiver[field];
    if (typeof url !== 'string' || !/^https?:/.test(url)) return [];
    const { token } = receiver;
    const problem = addressProblem({ url, token: typeof token === 'string' ? token : undefined });
    return problem === null ? [] : [{ ...problem, place: `[${index}]${problem.rule === 'credentials' ? '' : `.${field}`}` }];
  });
}

/** A second channel must be another receiver, and following them must come to an end. */
function backupProblems(receivers: readonly Loose[]): RuleProblem[] {
  const names = receivers.map(({ name }) => name);
  const backupOf = new Map(receivers.map(({ name, backup }) => [name, backup]));
  return receivers.flatMap(({ name, backup }, index): RuleProblem[] => {
    if (typeof backup !== 'string') return [];
    const place = `[${index}].backup`;
    const unknown = {
      rule: 'unknown_receiver' as const,
      params: { names: names.map(String).join(', ') },
      place,
      value: JSON.stringify(backup),
    };
    if (!names.includes(backup)) return [unknown];
    const seen = new Set<unknown>([name]);
    for (let next: unknown = backup; next !== undefined; next = backupOf.get(next)) {
      if (seen.has(next)) return [{ rule: 'backup_circle', place }];
      seen.add(next);
    }
    return [];
  });
}

function mailProblems({ kind, tls, user, password }: Loose, index: number): RuleProblem[] {
  if (kind !== 'email' || password === undefined) return [];
  if (user === undefined) return [{ rule: 'missing', params: { names: 'user' }, place: `[${index}]` }];
  return tls === 'none' ? [{ rule: 'password_without_tls', place: `[${index}].tls` }] : [];
}
