import { Type } from 'typebox';
import { LOCALES } from '@transaction-guardian/contracts/text/text.ts';

/** Settings that every channel has: what its receivers are notified of. */
export const audienceSettings = {
  name: Type.String({ minLength: 1 }),
  language: Type.Optional(
    Type.Enum([...LOCALES], { description: 'Language of its messages, such as that of the person it reaches; default `locale`.' }),
  ),
  severities: Type.Optional(
    Type.Array(Type.Enum(['critical', 'warning', 'info']), {
      description: 'Only these; default all. Warnings ahead of the threshold (`drift_warning`) come only when `info` is named.',
    }),
  ),
  backup: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Name of the receiver that gets a critical alert of which nothing proves, within `alert.receipt_timeout_s`, that this one was notified. Without `alert.routes` it gets nothing else.',
    }),
  ),
  send_resolved: Type.Boolean({ default: true }),
  briefings: Type.Boolean({ default: true, description: 'A message at the start and the end of each shift.' }),
  silence_notices: Type.Boolean({ default: true, description: 'A message when a silence begins, and one when it ends: what it hid.' }),
};
