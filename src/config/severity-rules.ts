import { SEVERITY_CLASSES, type SeverityLimits } from '../detect/anomaly/severity-limits.ts';

interface RuleProblem {
  readonly setting: string;
  readonly message: string;
}

/** What a schema cannot say of the limits of severities: a warning must not need more than a critical. */
export function severityProblems(limits: SeverityLimits): readonly RuleProblem[] {
  return SEVERITY_CLASSES.flatMap((kind) => {
    const { critical, warning } = limits[kind];
    return Object.entries(warning).flatMap(([name, value]) => {
      const most = Object.entries(critical).find(([other]) => other === name)?.[1];
      // From where on a share counts is no limit by itself.
      if (name === 'share_from' || typeof value !== 'number' || typeof most !== 'number' || value <= most) return [];
      const setting = `detect.severity.${kind}.warning.${name}`;
      return [{ setting, message: `must be at most that of critical (${most}), not ${value}` }];
    });
  });
}
