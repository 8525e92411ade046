import { SLICE_FIELDS } from '../alert/cause.ts';
import type { BrokenRule } from '../check/finding.ts';
import { matcherText, namesNothing, parseMatcher, type Matcher } from '../match/matcher.ts';

/** Most matchers of one scope. */
const MATCHERS_MOST = 20;

/** Matchers in their one form, or what is wrong with them. `field`: that the findings name. Pure. */
export function checkMatchers(
  texts: readonly string[],
  field = 'matchers',
): { readonly matchers: readonly string[] } | { readonly findings: readonly BrokenRule[] } {
  if (texts.length === 0 || texts.length > MATCHERS_MOST)
    return { findings: [{ field, rule: 'list', params: { minimum: 1, maximum: MATCHERS_MOST } }] };
  const findings: BrokenRule[] = [];
  const matchers: Matcher[] = [];
  for (const [index, text] of texts.entries()) {
    const parsed = parseMatcher(text);
    if ('matcher' in parsed) matchers.push(parsed.matcher);
    else findings.push({ field: `${field}[${index}]`, rule: parsed.rule, params: parsed.params });
  }
  if (findings.length === 0 && namesNothing(matchers)) findings.push({ field, rule: 'matcher_nothing' });
  return findings.length > 0 ? { findings } : { matchers: matchers.map(matcherText) };
}

/** Matchers of the cause of an alert and of no other: its name, and each part of the traffic as it is or is not named. Pure. */
export function causeMatchers(labels: Readonly<Record<string, string>>): readonly string[] {
  return ['alertname', ...SLICE_FIELDS].map((name) => matcherText({ name, operator: '=', value: labels[name] ?? '' }));
}
