import { FeedbackInput, FeedbackReset } from '@transaction-guardian/contracts/feedback.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { parseNode } from '../read/series-reader.ts';
import type { BrokenRule } from '../check/finding.ts';
import { invalidBody, readFields } from './body-fields.ts';
import { readBody, schemaChecks } from './schema-checks.ts';

const [OF_NODE, OF_ALL] = FeedbackReset.anyOf;
const RESET_CHECKS = schemaChecks({ ...OF_NODE.properties, ...OF_ALL.properties });

/** The author was once the client's text. */
export const BY_GONE: BrokenRule = { field: 'by', rule: 'author_is_actor' };
const explain = (name: string): BrokenRule | undefined => (name === 'by' ? BY_GONE : undefined);

/** Reads the body of a verdict. Throws INGEST_INVALID and INGEST_CARD_NUMBER, naming field and rule. */
export function readFeedbackInput(body: unknown, locale: Locale): FeedbackInput {
  return readBody(FeedbackInput, body, locale, { explain });
}

/** Reads the body of a reset: a node, or `all: true`. Throws like `readFeedbackInput`; also for both, and for neither, since
 *  a body that got lost on its way must not undo everything. */
export function readFeedbackReset(body: unknown, locale: Locale): { readonly node?: string } {
  const findings: BrokenRule[] = [];
  const { all, ...fields } = readFields(body ?? {}, RESET_CHECKS, findings, { explain });
  if (findings.length === 0 && (fields.node === undefined) === (all === undefined)) findings.push({ field: 'node', rule: 'node_or_all' });
  if (fields.node !== undefined && parseNode(fields.node) === null) findings.push({ field: 'node', rule: 'node' });
  if (findings.length > 0) throw invalidBody(findings, locale);
  return fields;
}
