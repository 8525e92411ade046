import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { isGuardianError } from '../../errors.ts';
import { createSay, type ChatData } from '../turn.ts';
import { tree } from './reply.ts';

/** What everybody is reported while the database cannot be asked: that it is not known how the traffic is, and how the program is.
 *  It is not stored, so the same message may be sent again. */
export async function replyAway({ health, clock, timeZone }: ChatData, error: unknown, locale: Locale): Promise<ChatAnswer> {
  const say = createSay(locale, timeZone, clock.now());
  const { status } = await health();
  const why = say(isGuardianError(error, 'APP_STARTING') ? 'chat.away.starting' : 'chat.away.database');
  const unknown = say('chat.away.unknown');
  const lines = [
    `API: ${status}`,
    ...(['tpm', 'approval', 'anomalies', 'alerts'] as const).map((field) => `${say(`chat.status.${field}`)}: ${unknown}`),
    say('chat.away.again'),
  ];
  const text = tree(`⏳ ${say('chat.status.title')}: ${why}`, lines);
  return {
    blocks: [{ type: 'text', text, line: 1 }],
    buttons: [],
    follow_ups: [say('chat.say.status')],
    attachments: [],
    more: false,
    locale,
  };
}
