import { Type, type TObject, type TProperties } from 'typebox';
import { DEFAULT_LIMITS, type Limits, type SeverityClass } from '../detect/anomaly/severity-limits.ts';

const section = <P extends TProperties>(properties: P): TObject<P> => Type.Object(properties, { additionalProperties: false });

const share = (description: string, value: number) => Type.Number({ minimum: 0, maximum: 1, default: value, description });
const above = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }));

const limitsOf = ({ fleet_share, lost_minutes }: Limits) => ({
  fleet_share: share("Of the fleet's expected traffic, or of its usual money, affected a minute.", fleet_share),
  transactions_per_minute: above('Transactions affected a minute.'),
  amount_per_minute: above('Money lost a minute.'),
  lost_minutes: Type.Number({
    minimum: 0,
    default: lost_minutes,
    description: "Approved transactions, or their money, lost since the start, in minutes of the fleet's mean of the last day.",
  }),
  lost_transactions: above('The same in transactions: in place of `lost_minutes`.'),
  lost_amount: above('The same in money: in place of `lost_minutes`.'),
});

const levelsOf = ({ critical, warning }: (typeof DEFAULT_LIMITS)[SeverityClass]) =>
  section({ critical: section(limitsOf(critical)), warning: section(limitsOf(warning)) });

const partLimitsOf = (limits: Limits) => {
  const description = 'Of its own expected traffic affected a minute, where that is `share_from` of the fleet.';
  const value = limits.share === undefined ? {} : { default: limits.share };
  return section({
    ...limitsOf(limits),
    share: Type.Optional(Type.Number({ minimum: 0, maximum: 1, ...value, description })),
    share_from: share("Of the fleet's expected traffic that must be affected for `share` to count.", limits.share_from ?? 0),
  });
};

const partLevelsOf = ({ critical, warning }: (typeof DEFAULT_LIMITS)[SeverityClass]) =>
  section({ critical: partLimitsOf(critical), warning: partLimitsOf(warning) });

/** Limits of severities by class of what is affected; the fleet and codes have no traffic of their own to take a share of. */
export const SeveritySchema = section({
  currency: Type.String({
    pattern: '^[A-Z]{3}$',
    default: DEFAULT_LIMITS.currency,
    description: 'Currency (ISO 4217) of the amounts in the limits below.',
  }),
  fleet: levelsOf(DEFAULT_LIMITS.fleet),
  acquirer: partLevelsOf(DEFAULT_LIMITS.acquirer),
  auth_code: levelsOf(DEFAULT_LIMITS.auth_code),
  merchant: partLevelsOf(DEFAULT_LIMITS.merchant),
  slice: partLevelsOf(DEFAULT_LIMITS.slice),
});
