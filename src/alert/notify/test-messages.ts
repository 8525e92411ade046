import type { Message } from '@transaction-guardian/contracts/message.ts';
import { FLEET_GROUP } from '../group.ts';
import { alertFor, anomalyOf, resolvedOf } from '../test-anomaly.ts';

const about = { receiver: 'phone', groupKey: FLEET_GROUP, missed: [], externalUrl: 'http://127.0.0.1:8001' };

/** A message about one alert that fires, and the one about its end. */
export const FIRING: Message = { ...about, firing: [alertFor(anomalyOf())], resolved: [] };
export const RESOLVED: Message = { ...about, firing: [], resolved: [alertFor(resolvedOf())] };

/** Names that try to be markup, mentions, or to turn the text around. */
export const HOSTILE_NAMES = [
  '<b>&amp;"x"</b>',
  '**bold** _it_ `code` [a](http://x)',
  '@everyone <!channel> <@123>',
  '\u202Eevil\u2066',
  'متجر',
];

/** A storm: `n` alerts of merchants, of which the last `critical` are critical. */
export function stormOf(n: number, critical = 3): Message {
  const firing = Array.from({ length: n }, (_, index) => {
    const merchant = { kind: 'merchant' as const, merchant_id: `m-${index}` };
    const severity = index >= n - critical ? ('critical' as const) : ('warning' as const);
    return alertFor(anomalyOf({ id: `an_${index}`, node: merchant, slice: { merchant_id: `m-${index}`, share: 1 }, severity }));
  });
  return { ...about, firing, resolved: [] };
}

/** The message with a name in every text of its alert. */
export function namedOf(name: string, message: Message = FIRING): Message {
  const [alert] = message.firing;
  if (alert === undefined) return message;
  const annotations = Object.fromEntries(
    Object.entries(alert.annotations).map(([key, value]) => [key, key.endsWith('url') ? value : `${value}\n${name}`]),
  );
  return { ...message, firing: [{ ...alert, annotations: { ...annotations, summary: `${name}\n${alert.annotations['summary']}` } }] };
}
