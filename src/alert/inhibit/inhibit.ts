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

/** Fingerprints of the alerts whose consequence an alert is, sorted; empty when it stands for itself. `firing` is not changed after it
 *  was given. */
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
  // In a storm every alert is asked about against the same list.
  const sourcesIn = new WeakMap<readonly InhibitedAlert[], readonly Sources[]>();
  return (alert, firing) => {
    const relevant = compiled.flatMap((rule, at) => (matchesAll(rule.target, alert.labels) ? [at] : []));
    if (relevant.length === 0) return [];
    const sources = sourcesIn.get(firing) ?? compiled.map((rule) => sourcesOf(rule, firing));
    sourcesIn.set(firing, sources);
    const found = relevant.flatMap((at) => {
      const rule = compiled[at];
      if (rule === undefined) return [];
      const candidates = sources[at]?.get(equalKey(rule, alert)) ?? [];
      return candidates.filter((source) => inhibits(rule, source, alert)).map(({ fingerprint }) => fingerprint);
    });
    return [...new Set(found)].toSorted();
  };
}

/** Alerts that meet the source of a rule, by the values of the labels that both sides must share. */
type Sources = ReadonlyMap<string, readonly InhibitedAlert[]>;

const sourcesOf = (rule: CompiledRule, firing: readonly InhibitedAlert[]): Sources =>
  Map.groupBy(
    firing.filter(({ backfill, labels }) => !backfill && matchesAll(rule.source, labels)),
    (source) => equalKey(rule, source),
  );

const equalKey = ({ equal }: CompiledRule, { labels }: InhibitedAlert): string => JSON.stringify(equal.map((label) => labels[label] ?? ''));

interface CompiledRule {
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

/** `source` meets the source of the rule, and has the labels that it must share with `alert`. */
function inhibits({ source: wanted, target }: CompiledRule, source: InhibitedAlert, alert: InhibitedAlert): boolean {
  if (source.fingerprint === alert.fingerprint) return false;
  if (SEVERITIES.indexOf(alert.severity) < SEVERITIES.indexOf(source.severity)) return false;
  return !(matchesAll(target, source.labels) && matchesAll(wanted, alert.labels));
}
