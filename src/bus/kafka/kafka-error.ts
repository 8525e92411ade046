import { findErrorBy } from '@platformatic/kafka';
import { GuardianError, isGuardianError, messageOf } from '../../errors.ts';
import type { KafkaServer } from './kafka-options.ts';

/** Whether a broker answered with this error, anywhere in a chain of errors. */
export function isKafkaError(error: unknown, id: string): boolean {
  return error instanceof Error && findErrorBy(error, 'apiId', id) !== null;
}

/** What failed, as BUS_UNAVAILABLE (retryable), with the setting to look at. An error of ours stays as it is. */
export function unavailable(server: KafkaServer, what: string, error: unknown): GuardianError {
  if (isGuardianError(error)) return error;
  const reason = reasonOf(error);
  const { setting, hint } = diagnose(server, error, reason);
  const message = `Kafka at ${server.brokers.join(', ')} failed to ${what}: ${reason}. ${hint}`;
  return new GuardianError('BUS_UNAVAILABLE', message, { retryable: true, cause: error, data: { setting } });
}

/** The innermost reason: the library wraps it in the number of attempts. */
function reasonOf(error: unknown): string {
  const leaves: string[] = [];
  const walk = (one: unknown): void => {
    const inner = one instanceof AggregateError ? (one.errors as unknown[]) : [];
    for (const child of inner) walk(child);
    const cause = one instanceof Error ? one.cause : undefined;
    if (cause !== undefined) walk(cause);
    if (inner.length === 0 && cause === undefined) leaves.push(messageOf(one).replace(/\.+$/, ''));
  };
  walk(error);
  return leaves.at(-1) ?? messageOf(error);
}

function diagnose(server: KafkaServer, error: unknown, reason: string): { readonly setting: string; readonly hint: string } {
  const isRefused = error instanceof Error && findErrorBy(error, 'code', 'PLT_KFK_AUTHENTICATION') !== null;
  if (isRefused || /authenticat|SASL|mechanism/i.test(reason)) {
    const hint = `Check bus.kafka.sasl: mechanism, username and password${server.sasl === undefined ? ' (none is set)' : ''}.`;
    return { setting: 'bus.kafka.sasl', hint };
  }
  if (/certificate|self[- ]signed|SSL|TLS|wrong version number/i.test(reason))
    return { setting: 'bus.kafka.tls', hint: 'Check bus.kafka.tls.' };
  return { setting: 'bus.kafka.brokers', hint: 'Check that the brokers run and bus.kafka.brokers names them.' };
}
