import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { SEVERITIES, type Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { createInhibit } from '../src/alert/inhibit/inhibit.ts';
import { DEFAULT_INHIBIT_RULES } from '../src/alert/inhibit/rules.ts';
import { knownMatchers, matchesAll } from '../src/match/matcher.ts';

interface WireRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

const file = readFileSync(new URL('../deploy/alertmanager/alertmanager.yml', import.meta.url), 'utf8');
const rules = (parse(file) as { readonly inhibit_rules: readonly WireRule[] }).inhibit_rules;

/** As Alertmanager does it: a rule at a time, and nothing that meets both sides inhibits what does so too. */
function isInhibitedThere(alert: Record<string, string>, cause: Record<string, string>): boolean {
  return rules.some(({ source_matchers: source, target_matchers: target, equal }) => {
    const meets = (matchers: readonly string[], labels: Record<string, string>) => matchesAll(knownMatchers(matchers), labels);
    const same = equal.every((name) => (alert[name] ?? '') === (cause[name] ?? ''));
    return meets(target, alert) && meets(source, cause) && same && !(meets(source, alert) && meets(target, cause));
  });
}

test('Alertmanager inhibits what the embedded notifier does, at every severity, type and place, and nothing else', () => {
  const inhibit = createInhibit(DEFAULT_INHIBIT_RULES);
  const places = [{}, { acquirer: 'rede' }, { merchant_id: 'm-1' }, { acquirer: 'rede', merchant_id: 'm-1' }, { acquirer: 'stone' }];
  const types = ['no_data', 'low_volume', 'denials_above_normal', 'drift_warning'];
  const alerts = places.flatMap((place) =>
    types.flatMap((type) =>
      ['51', '91'].flatMap((code) =>
        SEVERITIES.map((severity: Severity) => {
          const status = type === 'denials_above_normal' ? { status: 'denied', auth_code: code } : {};
          return { severity, labels: { type, severity, service: 'transaction-guardian', ...status, ...place } };
        }),
      ),
    ),
  );
  let inhibited = 0;
  for (const [index, alert] of alerts.entries()) {
    for (const [other, cause] of alerts.entries()) {
      if (index === other) continue;
      const held = (one: (typeof alerts)[number], fingerprint: string) => ({ ...one, fingerprint, backfill: false });
      const here = inhibit(held(alert, 'a'), [held(cause, 'b')]).length > 0;
      assert.equal(isInhibitedThere(alert.labels, cause.labels), here, JSON.stringify([cause.labels, alert.labels]));
      inhibited += Number(here);
    }
  }
  assert.ok(inhibited > 300, `${inhibited}`);
});
