import type { Route } from '../alert/route/config.ts';
import { LABEL_NAMES, namesNothing, parseMatcher, type Matcher } from '../match/matcher.ts';
import type { ConfigRule, RuleProblem } from './config-problem.ts';

/** Fields of routes and of rules of inhibition that hold matchers. */
const FIELDS = ['matchers', 'source_matchers', 'target_matchers'] as const;
const LABELS: readonly string[] = LABEL_NAMES;

/** What a schema cannot say of a list of routes, or of rules of inhibition: their matchers can be read and their labels exist. A rule
 *  whose source names nothing would let any alert inhibit others. */
export function matcherProblems(value: unknown): readonly RuleProblem[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const fields = new Map<string, unknown>(Object.entries(entry));
    return [...FIELDS.flatMap((field) => fieldProblems(fields.get(field), field, index)), ...labelProblems(fields.get('equal'), index)];
  });
}

/** Names of receivers in routes that are no receivers. */
export function routeProblems(routes: readonly Route[], receivers: readonly string[]): readonly RuleProblem[] {
  return routes.flatMap(({ receivers: wanted }, index) =>
    wanted
      .filter((name) => !receivers.includes(name))
      .map((name): RuleProblem => ({
        rule: 'route_receiver',
        params: { name: JSON.stringify(name), names: receivers.join(', ') || '-' },
        place: `[${index}].receivers`,
      })),
  );
}

function fieldProblems(texts: unknown, field: string, index: number): RuleProblem[] {
  if (!Array.isArray(texts)) return [];
  const problems: RuleProblem[] = [];
  const matchers: Matcher[] = [];
  for (const [at, text] of texts.entries()) {
    if (typeof text !== 'string') continue;
    const parsed = parseMatcher(text);
    if ('matcher' in parsed) matchers.push(parsed.matcher);
    else {
      const rule: ConfigRule = parsed.rule;
      problems.push({ rule, params: { ...parsed.params, matcher: JSON.stringify(text) }, place: `[${index}].${field}[${at}]` });
    }
  }
  const isEmpty = problems.length === 0 && matchers.length === texts.length && field === 'source_matchers' && namesNothing(matchers);
  return isEmpty ? [{ rule: 'matcher_nothing', place: `[${index}].${field}` }] : problems;
}

function labelProblems(equal: unknown, index: number): RuleProblem[] {
  if (!Array.isArray(equal)) return [];
  return equal
    .filter((name: unknown): name is string => typeof name === 'string' && !LABELS.includes(name))
    .map((name) => ({ rule: 'label', params: { name: JSON.stringify(name), allowed: LABELS.join(', ') }, place: `[${index}].equal` }));
}
