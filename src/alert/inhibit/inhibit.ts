import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { knownMatchers, matchesAll, type Labels, type Matcher } from '../../match/matcher.ts';
import type { InhibitRule } from './config.ts';

/** What the rules need to know of an alert that fires. */
export interface InhibitedAlert {
  readonly fingerprint: string;
  readonly severity: Severity;
  readonly labels: Labels;
  /** Backfill says nothing about the present. */
  readonly backfill: boolean;
}

/** Fingerprints of the alerts whose consequence an alert is, sorted; empty when it stands for itself. */
export type Inhibit = (alert: InhibitedAlert, firing: readonly InhibitedAlert[]) => readonly string[];

/** Compiles the rules. An alert is inhibited while another one fires that meets the source of a rule, when it meets the target itself
 *  and both have the same values of the labels in `equal`, as in Alertmanager. Beyond that, what is worse than its source is never
 *  inhibited, and neither is what meets both sides of a rule by an alert that does so too. Pure. */
export function createInhibit(rules: readonly InhibitRule[]): Inhibit {
  const compiled = rules.map((rule) => ({
    source: knownMatchers(rule.source_matchers),
    target: knownMatchers(rule.target_matchers),
    equal: rule.equal,
  }));
  return (alert, firing) => {
    const relevant = compiled.filter(({ target }) => matchesAll(target, alert.labels));
    if (relevant.length === 0) return [];
    const sources = firing.filter((source) => relevant.some((rule) => inhibits(rule, source, alert)));
    return sources.map(({ fingerprint }) => fingerprint).toSorted();
  };
}

interface CompiledRule {
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

function inhibits({ source: wanted, target, equal }: CompiledRule, source: InhibitedAlert, alert: InhibitedAlert): boolean {
  if (source.fingerprint === alert.fingerprint || source.backfill) return false;
  if (SEVERITIES.indexOf(alert.severity) < SEVERITIES.indexOf(source.severity)) return false;
  if (!matchesAll(wanted, source.labels)) return false;
  if (!equal.every((label) => (source.labels[label] ?? '') === (alert.labels[label] ?? ''))) return false;
  return !(matchesAll(target, source.labels) && matchesAll(wanted, alert.labels));
}
