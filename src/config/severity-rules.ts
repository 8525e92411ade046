import type { RuleProblem } from './config-problem.ts';
import { SEVERITY_CLASSES, type SeverityLimits } from '../detect/anomaly/severity-limits.ts';

interface LimitProblem extends RuleProblem {
  readonly setting: string;
}

/** What a schema cannot say of the limits of severities: a warning must not need more than a critical. */
export function severityProblems(limits: SeverityLimits): readonly LimitProblem[] {
  return SEVERITY_CLASSES.flatMap((kind) => {
    const { critical, warning } = limits[kind];
    return Object.entries(warning).flatMap(([name, value]) => {
      const most = Object.entries(critical).find(([other]) => other === name)?.[1];
      // From where on a share counts is no limit by itself.
      if (name === 'share_from' || typeof value !== 'number' || typeof most !== 'number' || value <= most) return [];
      const setting = `detect.severity.${kind}.warning.${name}`;
      return [{ setting, rule: 'critical', params: { most: String(most) }, value: String(value) }];
    });
  });
}
