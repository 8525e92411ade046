import type { FeedbackInput } from '@transaction-guardian/contracts/feedback.ts';
import { MAX_COMMENT, VERDICTS } from '@transaction-guardian/contracts/verdict.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { parseNode } from '../read/series-reader.ts';
import { enumCheck, textCheck, type FieldCheck } from '../check/field-check.ts';
import { jsonType, shownName, toFieldErrors, type BrokenRule } from '../check/finding.ts';
import { problemError } from './problem.ts';

const MAX_NODE = 300;
const trueCheck: FieldCheck<true> = (value, field, findings) => {
  if (value === true) return value;
  findings.push({ field, rule: 'enum', params: { allowed: 'true' } });
  return undefined;
};
const VERDICT_CHECKS = { verdict: enumCheck(VERDICTS), comment: textCheck(MAX_COMMENT) };
const RESET_CHECKS = { node: textCheck(MAX_NODE), all: trueCheck };

/** The author was once the client's text. */
export const BY_GONE: BrokenRule = { field: 'by', rule: 'author_is_actor' };

type Checks = Readonly<Record<string, FieldCheck<string | true>>>;
type Checked<C extends Checks> = { -readonly [Name in keyof C]?: Exclude<ReturnType<C[Name]>, undefined> };

/** Reads the body of a verdict. Throws INGEST_INVALID and INGEST_CARD_NUMBER, naming field and rule. */
export function readFeedbackInput(body: unknown, locale: Locale): FeedbackInput {
  const findings: BrokenRule[] = [];
  const { verdict, ...rest } = readFields(body, VERDICT_CHECKS, findings);
  if (findings.length === 0 && verdict === undefined) findings.push({ field: 'verdict', rule: 'required' });
  if (findings.length > 0 || verdict === undefined) throw invalid(findings, locale);
  return { verdict, ...rest };
}

/** Reads the body of a reset: a node, or `all: true`. Throws like `readFeedbackInput`; also for both, and for neither, since
 *  a body that got lost on its way must not undo everything. */
export function readFeedbackReset(body: unknown, locale: Locale): { readonly node?: string } {
  const findings: BrokenRule[] = [];
  const { all, ...fields } = readFields(body ?? {}, RESET_CHECKS, findings);
  if (findings.length === 0 && (fields.node === undefined) === (all === undefined)) findings.push({ field: 'node', rule: 'node_or_all' });
  if (fields.node !== undefined && parseNode(fields.node) === null) findings.push({ field: 'node', rule: 'node' });
  if (findings.length > 0) throw invalid(findings, locale);
  return fields;
}

function readFields<C extends Checks>(body: unknown, checks: C, findings: BrokenRule[]): Checked<C> {
  const fields: Record<string, string | true> = {};
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    findings.push({ field: '(body)', rule: 'type', wording: 'body_object', params: { got: jsonType(body) } });
    return fields as Checked<C>;
  }
  for (const [name, value] of Object.entries(body)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    const allowed = Object.keys(checks).join(', ');
    if (name === 'by') findings.push(BY_GONE);
    else if (check === undefined) findings.push({ field: shownName(name), rule: 'unknown_field', params: { allowed } });
    else {
      const checked = check(value, name, findings);
      if (checked !== undefined) fields[name] = checked;
    }
  }
  return fields as Checked<C>;
}

function invalid(findings: readonly BrokenRule[], locale: Locale): Error {
  const code = findings.some(({ rule }) => rule === 'card_number') ? 'INGEST_CARD_NUMBER' : 'INGEST_INVALID';
  return problemError(code, { params: { count: findings.length }, errors: toFieldErrors(findings, locale) });
}
