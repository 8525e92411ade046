import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import { LOCALES, reasonText } from '@transaction-guardian/contracts/text/text.ts';
import { DEFAULT_LIMITS, SEVERITY_CLASSES, type SeverityClass, type SeverityLimits } from './severity-limits.ts';
import { severityOf, type Damage } from './severity.ts';

const TICKET = 50;

interface Case {
  /** Transactions a minute that the fleet and the node expect. */
  readonly fleet: number;
  readonly own: number;
  /** Affected and lost a minute, and lost since the start. */
  readonly affected: number;
  readonly lost?: number;
  readonly total?: number;
  readonly worth?: number;
  readonly amounts?: boolean;
}

const rateOf = (mean: number) => ({ mean, sure: mean });

function damageOf(kind: SeverityClass, { fleet, own, affected, lost = affected, total = 0, worth = 1, amounts = false }: Case): Damage {
  const tickets = amounts ? [{ currency: 'BRL', amount: TICKET * worth }] : [];
  const usual = fleet;
  return {
    lostRate: rateOf(lost),
    affectedRate: rateOf(affected),
    fleet,
    lost: total,
    usual,
    worth,
    tickets,
    views: [{ kind, own, part: 1 }],
  };
}

const judge = (kind: SeverityClass, of: Case, limits: SeverityLimits = DEFAULT_LIMITS) => {
  const { severity, reason } = severityOf(damageOf(kind, of), limits);
  return [severity, reason.code] as const;
};

/** The defaults with other limits of `critical` for one class. */
function limitsWith(kind: SeverityClass, critical: Partial<SeverityLimits[SeverityClass]['critical']>): SeverityLimits {
  return { ...DEFAULT_LIMITS, [kind]: { ...DEFAULT_LIMITS[kind], critical: { ...DEFAULT_LIMITS[kind].critical, ...critical } } };
}

suite('severity by class', () => {
  type Row = readonly [string, SeverityClass, Case, Severity, string];
  // The same shares in a company of 20 transactions a minute and in one of 60,000.
  const rows = (fleet: number): readonly Row[] => [
    ['all of it is gone', 'fleet', { fleet, own: fleet, affected: fleet }, 'critical', 'severity_fleet_share'],
    ['an eighth of everything', 'fleet', { fleet, own: fleet, affected: fleet / 8 }, 'critical', 'severity_fleet_share'],
    ['a little of everything', 'fleet', { fleet, own: fleet, affected: 0.02 * fleet }, 'warning', 'severity_least'],
    ['a little for long', 'fleet', { fleet, own: fleet, affected: 0.02 * fleet, total: 5 * fleet }, 'critical', 'severity_lost_minutes'],
    ['a large acquirer is down', 'acquirer', { fleet, own: 0.33 * fleet, affected: 0.33 * fleet }, 'critical', 'severity_fleet_share'],
    ['a small acquirer is down', 'acquirer', { fleet, own: 0.04 * fleet, affected: 0.04 * fleet }, 'critical', 'severity_share'],
    ['a tiny acquirer is down', 'acquirer', { fleet, own: 0.01 * fleet, affected: 0.01 * fleet }, 'warning', 'severity_share'],
    ['an acquirer fails now and then', 'acquirer', { fleet, own: 0.3 * fleet, affected: 0.03 * fleet }, 'info', 'severity_below'],
    ['an acquirer fails a little', 'acquirer', { fleet, own: 0.3 * fleet, affected: 0.07 * fleet }, 'warning', 'severity_fleet_share'],
    ['a code of an issuer', 'auth_code', { fleet, own: fleet, affected: 0.11 * fleet }, 'critical', 'severity_fleet_share'],
    ['a rare code', 'auth_code', { fleet, own: fleet, affected: 0.01 * fleet }, 'warning', 'severity_least'],
    ['a merchant of a thousandth is down', 'merchant', { fleet, own: fleet / 1000, affected: fleet / 1000 }, 'warning', 'severity_share'],
    [
      'the same for a day',
      'merchant',
      { fleet, own: fleet / 1000, affected: fleet / 1000, total: 1.44 * fleet },
      'warning',
      'severity_share',
    ],
    ['a merchant of 3 % is down', 'merchant', { fleet, own: 0.03 * fleet, affected: 0.03 * fleet }, 'critical', 'severity_share'],
    ['the only merchant is down', 'merchant', { fleet, own: fleet, affected: fleet }, 'critical', 'severity_fleet_share'],
    ['a merchant fails a little', 'merchant', { fleet, own: 0.03 * fleet, affected: 0.003 * fleet }, 'info', 'severity_below'],
    ['a method of 8 % is down', 'slice', { fleet, own: 0.08 * fleet, affected: 0.07 * fleet }, 'critical', 'severity_share'],
    ['a range of cards of 1 % is down', 'slice', { fleet, own: 0.01 * fleet, affected: 0.01 * fleet }, 'warning', 'severity_least'],
  ];
  for (const fleet of [20, 60_000])
    for (const [name, kind, of, severity, code] of rows(fleet))
      test(`${fleet}/min, ${kind}: ${name}`, () => assert.deepEqual(judge(kind, of), [severity, code]));
});

test('the worse of two views counts: the acquirer that an anomaly of the fleet names', () => {
  const fleet = { kind: 'fleet', own: 1000, part: 1 } as const;
  const damage = {
    ...damageOf('fleet', { fleet: 1000, own: 1000, affected: 50 }),
    views: [fleet, { kind: 'acquirer', own: 55, part: 0.9 }],
  } as const;
  const { severity, reason } = severityOf(damage, DEFAULT_LIMITS);
  assert.deepEqual([severity, reason.code, reason.params['share'], reason.params['fleet']], ['critical', 'severity_share', 0.8182, 0.045]);
});

suite('money', () => {
  const half = { fleet: 1000, own: 60, affected: 40 };
  test('few transactions of a high ticket weigh as much as many', () => {
    assert.deepEqual(judge('merchant', { ...half, own: 400, worth: 4, amounts: true }), ['critical', 'severity_fleet_money']);
    assert.deepEqual(judge('merchant', { ...half, own: 400, worth: 1, amounts: true }), ['info', 'severity_below']);
    assert.deepEqual(judge('merchant', { ...half, own: 400, affected: 1, total: 1300, worth: 4, amounts: true }), [
      'critical',
      'severity_money_minutes',
    ]);
  });

  test('without amounts only counts decide, whatever the limits say', () => {
    const limits = limitsWith('merchant', { lost_amount: 1, amount_per_minute: 1 });
    assert.deepEqual(judge('merchant', { ...half, own: 400, total: 900 }, limits), ['info', 'severity_below']);
    assert.deepEqual(judge('merchant', { ...half, own: 400, total: 900, amounts: true }, limits), ['critical', 'severity_amount_rate']);
  });

  test('amounts of another currency reach no limit', () => {
    const limits = { ...limitsWith('merchant', { amount_per_minute: 1 }), currency: 'USD' };
    assert.deepEqual(judge('merchant', { ...half, own: 400, amounts: true }, limits), ['info', 'severity_below']);
  });
});

suite('absolute limits', () => {
  const tenth = { fleet: 60_000, own: 6000, affected: 60, total: 2000, amounts: true };
  test('a rate', () => {
    assert.deepEqual(judge('acquirer', tenth), ['info', 'severity_below']);
    assert.deepEqual(judge('acquirer', tenth, limitsWith('acquirer', { transactions_per_minute: 60 })), ['critical', 'severity_rate']);
    assert.deepEqual(judge('acquirer', tenth, limitsWith('acquirer', { amount_per_minute: 3000 })), ['critical', 'severity_amount_rate']);
  });

  test('what was lost since the start, in place of minutes of the fleet', () => {
    assert.deepEqual(judge('acquirer', tenth, limitsWith('acquirer', { lost_transactions: 2000 })), ['critical', 'severity_lost']);
    assert.deepEqual(judge('acquirer', tenth, limitsWith('acquirer', { lost_amount: 100_000 })), ['critical', 'severity_lost_amount']);
    const patient = limitsWith('acquirer', { lost_transactions: 1e6, lost_amount: 1e9 });
    assert.deepEqual(judge('acquirer', { ...tenth, total: 301_000 }, patient)[0], 'warning', 'the limit in minutes no longer counts');
  });
});

test('every reason is a sentence with all its figures, in every language', () => {
  const reasons = [
    severityOf(damageOf('fleet', { fleet: 20, own: 20, affected: 20 }), DEFAULT_LIMITS),
    severityOf(damageOf('fleet', { fleet: 20, own: 20, affected: 1 }), DEFAULT_LIMITS),
    severityOf(damageOf('merchant', { fleet: 20, own: 20, affected: 1 }), DEFAULT_LIMITS),
    severityOf(damageOf('merchant', { fleet: 1000, own: 1, affected: 1 }), DEFAULT_LIMITS),
    severityOf(damageOf('merchant', { fleet: 1000, own: 400, affected: 40, worth: 4, amounts: true }), DEFAULT_LIMITS),
    severityOf(damageOf('fleet', { fleet: 20, own: 20, affected: 1, total: 100 }), DEFAULT_LIMITS),
    severityOf(damageOf('fleet', { fleet: 20, own: 20, affected: 0.1, total: 30, worth: 4, amounts: true }), DEFAULT_LIMITS),
    ...SEVERITY_CLASSES.flatMap((kind) =>
      [{ lost_transactions: 9 }, { lost_amount: 9 }, { transactions_per_minute: 0.1 }, { amount_per_minute: 1 }].map((critical) =>
        severityOf(damageOf(kind, { fleet: 1000, own: 1000, affected: 1, total: 10, amounts: true }), limitsWith(kind, critical)),
      ),
    ),
  ];
  for (const { severity, reason } of reasons) {
    for (const locale of LOCALES) {
      const sentence = reasonText(locale, reason);
      assert.doesNotMatch(sentence, /[{}]|^severity_/, `${reason.code}: ${sentence}`);
      if (severity === 'critical') assert.match(sentence, /^(critical|crítico): .*\d/);
    }
  }
  const [first] = reasons;
  assert.equal(
    first && reasonText('en', first.reason),
    'critical: 20.0/min affected (20.0/min fewer approved), 100% of fleet traffic (limit 10%)',
  );
  assert.equal(
    first && reasonText('pt-BR', first.reason),
    'crítico: 20,0/min afetadas (20,0/min aprovadas a menos), 100% do tráfego total (limite 10%)',
  );
});
