import { compileRegex, type FullMatch } from './regex.ts';

/** Labels that an alert can have. */
export const LABEL_NAMES = [
  'alertname',
  'severity',
  'type',
  'status',
  'auth_code',
  'acquirer',
  'merchant_id',
  'payment_method',
  'card_bin',
  'cause',
  'service',
  'anomaly_id',
] as const;

/** One condition on a label, as in Alertmanager: `=`, `!=`, `=~`, `!~`. A label that an alert does not have is ''. */
export interface Matcher {
  readonly name: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  /** Whether a value of the label meets the condition. */
  readonly accepts: (value: string) => boolean;
}

/** Labels of an alert. */
export type Labels = Readonly<Record<string, string>>;

/** A matcher, or the rule that its text breaks (`problem.rule.matcher_<rule>`). */
export type ParsedMatcher =
  | { readonly matcher: Matcher }
  | { readonly rule: 'matcher' | 'matcher_label' | 'matcher_regex'; readonly params: Readonly<Record<string, string>> };

/** Longest value, as that of the longest label. */
const VALUE_MOST = 256;
const TEXT = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))\s*$/su;
const KNOWN: readonly string[] = LABEL_NAMES;

/** Reads `name="value"`, `name!="value"`, `name=~"expression"` or `name!~"expression"`; quotes may be left out of a value without
 *  spaces. In quotes `\"`, `\\` and `\n` stand for themselves, as in Alertmanager, where a merchant is `merchant`. Pure. */
export function parseMatcher(text: string): ParsedMatcher {
  const [, written, sign, quoted, bare] = TEXT.exec(text) ?? [];
  const name = written === 'merchant' ? 'merchant_id' : written;
  const value = quoted === undefined ? bare : unescaped(quoted);
  if (name === undefined || !isOperator(sign) || value === undefined || value.length > VALUE_MOST)
    return { rule: 'matcher', params: { example: 'merchant_id="m-1"' } };
  if (!KNOWN.includes(name)) return { rule: 'matcher_label', params: { allowed: KNOWN.join(', ') } };
  const accepts = acceptsOf(sign, value.normalize('NFC'));
  if (accepts === null) return { rule: 'matcher_regex', params: {} };
  return { matcher: { name, operator: sign, value: value.normalize('NFC'), accepts } };
}

/** Reads matchers that were checked when they were stored. One that is no matcher any more meets nothing, so that it hides nothing. */
export function knownMatchers(texts: readonly string[]): readonly Matcher[] {
  return texts.map((text) => {
    const parsed = parseMatcher(text);
    return 'matcher' in parsed ? parsed.matcher : { name: 'alertname', operator: '=', value: text, accepts: () => false };
  });
}

/** The one way to write a matcher. */
export function matcherText({ name, operator, value }: Pick<Matcher, 'name' | 'operator' | 'value'>): string {
  const escaped = value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
  return `${name}${operator}"${escaped}"`;
}

/** True when labels meet every matcher; for an empty list always. Pure. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every(({ name, accepts }) => accepts(labels[name] ?? ''));
}

/** True when matchers name nothing: every one of them is met by an alert without labels, as `merchant_id!="m-1"` is. */
export function namesNothing(matchers: readonly Matcher[]): boolean {
  return matchers.every(({ accepts }) => accepts(''));
}

const isOperator = (text: string | undefined): text is Matcher['operator'] =>
  text === '=' || text === '!=' || text === '=~' || text === '!~';

function acceptsOf(operator: Matcher['operator'], value: string): ((value: string) => boolean) | null {
  if (operator === '=') return (label) => label === value;
  if (operator === '!=') return (label) => label !== value;
  const matches: FullMatch | null = compileRegex(value);
  if (matches === null) return null;
  return operator === '=~' ? matches : (label) => !matches(label);
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(["\\n])/g, (_whole, character: string) => (character === 'n' ? '\n' : character));
