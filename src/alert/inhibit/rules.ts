import type { InhibitRule } from './config.ts';

const FLEET = ['merchant_id=""', 'acquirer=""'];

/** The rules that come with the program: an outage of the fleet, or of an acquirer, is the cause of the same alert in its parts. */
export const DEFAULT_INHIBIT_RULES: readonly InhibitRule[] = [
  // Nothing comes at all: then nothing comes from any part either.
  {
    source_matchers: ['type=~"no_data|zero_transactions"', ...FLEET, 'status=""'],
    target_matchers: ['type=~"no_data|zero_transactions|low_volume|approval_rate_down"', 'merchant_id!=""'],
    equal: [],
  },
  {
    source_matchers: ['type=~"no_data|zero_transactions"', ...FLEET, 'status=""'],
    target_matchers: ['type=~"no_data|zero_transactions|low_volume|approval_rate_down"', 'merchant_id=""', 'acquirer!=""'],
    equal: [],
  },
  // The same alert, with the same code, in the fleet and in a part of it.
  {
    source_matchers: FLEET,
    target_matchers: ['merchant_id!=""', 'type!="drift_warning"'],
    equal: ['type', 'status', 'auth_code', 'payment_method', 'card_bin'],
  },
  {
    source_matchers: FLEET,
    target_matchers: ['merchant_id=""', 'acquirer!=""', 'type!="drift_warning"'],
    equal: ['type', 'status', 'auth_code', 'payment_method', 'card_bin'],
  },
  // The same at an acquirer and at one of its merchants.
  {
    source_matchers: ['merchant_id=""', 'acquirer!=""'],
    target_matchers: ['merchant_id!=""', 'type!="drift_warning"'],
    equal: ['acquirer', 'type', 'status', 'auth_code', 'payment_method', 'card_bin'],
  },
];

/** The rules of a configuration. */
export function inhibitRulesOf(alert: {
  readonly default_inhibit_rules: boolean;
  readonly inhibit_rules: readonly InhibitRule[];
}): readonly InhibitRule[] {
  return alert.default_inhibit_rules ? [...DEFAULT_INHIBIT_RULES, ...alert.inhibit_rules] : alert.inhibit_rules;
}
