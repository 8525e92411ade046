import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { wireName } from '../alert/wire-labels.ts';
import { knownMatchers, LABEL_NAMES, matcherText, namesNothing, parseMatcher, type Matcher } from '../match/matcher.ts';
import { compileRegex } from '../match/regex.ts';

/** A matcher of the API v2 of Alertmanager. */
export interface WireMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** What a silence of Alertmanager means here. `elsewhere`: it can match no alert of ours. `unknown`: it may, and cannot be said here;
 *  `why`: the matcher that is in the way. */
export type Translated =
  | { readonly kind: 'ours'; readonly matchers: readonly string[] }
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'unknown'; readonly why: string };

const KNOWN: readonly string[] = LABEL_NAMES;
const OPERATORS = { '=': [false, true], '!=': [false, false], '=~': [true, true], '!~': [true, false] } as const;

/** Matchers of a silence of ours for Alertmanager, which knows no worst severity: that becomes a matcher. Pure. */
export function toAlertmanager(matchers: readonly string[], maxSeverity: Severity): readonly WireMatcher[] {
  const wire = knownMatchers(matchers).map(({ name, operator, value }): WireMatcher => {
    const [isRegex, isEqual] = OPERATORS[operator];
    return { name: wireName(name), value, isRegex, isEqual };
  });
  const hidden = SEVERITIES.slice(SEVERITIES.indexOf(maxSeverity));
  if (hidden.length === SEVERITIES.length) return wire;
  return [...wire, { name: 'severity', value: hidden.join('|'), isRegex: hidden.length > 1, isEqual: true }];
}

/** Matchers that name one set of labels and no other. Pure. */
export function exactly(wiredLabels: Readonly<Record<string, string>>): readonly WireMatcher[] {
  return Object.entries(wiredLabels).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
}

/** Matchers of a silence that somebody made in Alertmanager. A label that alerts of ours never have is empty there: a matcher that
 *  takes the empty value says nothing, any other one means other alerts. Pure. */
export function fromAlertmanager(wire: readonly WireMatcher[]): Translated {
  const kept: string[] = [];
  for (const matcher of wire) {
    const name = matcher.name === 'merchant' ? 'merchant_id' : matcher.name;
    const text = matcherText({ name, operator: operatorOf(matcher), value: matcher.value });
    if (KNOWN.includes(name)) {
      if ('rule' in parseMatcher(text)) return { kind: 'unknown', why: text };
      kept.push(text);
      continue;
    }
    const accepts = acceptsEmpty(matcher);
    if (accepts === null) return { kind: 'unknown', why: text };
    if (!accepts) return { kind: 'elsewhere' };
  }
  const parsed = knownMatchers(kept);
  if (parsed.some((matcher) => isOfOthers(matcher))) return { kind: 'elsewhere' };
  if (kept.length === 0 || namesNothing(parsed)) return { kind: 'unknown', why: 'service="transaction-guardian"' };
  return { kind: 'ours', matchers: kept };
}

/** Equal for matchers that mean the same, in any order. Pure. */
export function sameMatchers(a: readonly WireMatcher[], b: readonly WireMatcher[]): boolean {
  const textOf = (matchers: readonly WireMatcher[]) =>
    matchers.map((matcher) => matcherText({ ...matcher, operator: operatorOf(matcher) })).toSorted();
  return JSON.stringify(textOf(a)) === JSON.stringify(textOf(b));
}

function operatorOf({ isRegex, isEqual }: Pick<WireMatcher, 'isRegex' | 'isEqual'>): Matcher['operator'] {
  if (isRegex) return isEqual ? '=~' : '!~';
  return isEqual ? '=' : '!=';
}

function acceptsEmpty({ value, isRegex, isEqual }: WireMatcher): boolean | null {
  if (!isRegex) return (value === '') === isEqual;
  const matches = compileRegex(value);
  return matches === null ? null : matches('') === isEqual;
}

/** All alerts of ours have these. */
function isOfOthers({ name, operator, value }: Matcher): boolean {
  if (operator !== '=') return false;
  return (name === 'alertname' && !value.startsWith('Guardian')) || (name === 'service' && value !== 'transaction-guardian');
}
