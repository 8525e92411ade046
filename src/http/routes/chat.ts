import { ChatAbilities, ChatAnswer, ChatMessage } from '@transaction-guardian/contracts/chat.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Chat } from '../../chat/chat.ts';
import { wrongType, type FieldCheck } from '../../check/field-check.ts';
import { actorOf, describeOnly } from '../route-config.ts';
import { readBody } from '../schema-checks.ts';

export interface ChatRouteDeps {
  readonly chat: Chat;
  /** Language of the caller, for writers that have none. */
  readonly language: (request: FastifyRequest) => Locale;
}

/** What people write is read as it is: the chat says what it makes of a card number or of nothing at all. */
const anyText: FieldCheck<string> = (value, field, findings) =>
  typeof value === 'string' ? value : wrongType(value, 'string', field, findings);

/** `POST /chat`: one message of a chat, the console or a terminal, and its answer. `GET /chat`: what can be done by it. */
export function registerChatRoute(app: FastifyInstance, { chat, language }: ChatRouteDeps): void {
  app.get('/chat', {
    config: { scope: 'read', problems: [401, 403] },
    schema: {
      operationId: 'getChat',
      tags: ['chat'],
      summary: 'What the chat can act on here: for gateways, which offer nobody a button that cannot work',
      response: { 200: ChatAbilities },
    },
    handler: () => chat.abilities(),
  });
  app.post('/chat', {
    // To look needs no more than to read; what acts asks for the role of the writer.
    config: { scope: 'read', problems: [400, 401, 403, 406, 409, 413, 415, 422, 503] },
    validatorCompiler: describeOnly,
    schema: {
      operationId: 'postChat',
      tags: ['chat'],
      summary: 'Answer a message: questions about the traffic, and acts on alerts',
      description:
        'Understands Portuguese and English; answers in the language of the writer, else of `Accept-Language`. The same message id again gets the same answer and does nothing. Text blocks are plain text: escape them as the channel needs. While the database is away, the answer says that nothing is known; it is not kept, so the message may be sent again.',
      body: ChatMessage,
      response: { 200: ChatAnswer },
    },
    handler: (request) => {
      const locale = language(request);
      return chat.answer(actorOf(request), readBody(ChatMessage, request.body, locale, { checks: { text: anyText } }), locale);
    },
  });
}
