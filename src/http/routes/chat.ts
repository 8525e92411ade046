import { ChatAnswer, ChatMessage, type ChatMessage as Message } from '@transaction-guardian/contracts/chat.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Chat } from '../../chat/chat.ts';
import { actorOf } from '../route-config.ts';
import { strictBody } from '../strict-body.ts';

export interface ChatRouteDeps {
  readonly chat: Chat;
  /** Language of the caller, for writers that have none. */
  readonly language: (request: FastifyRequest) => Locale;
}

/** `POST /chat`: one message of a chat, the console or a terminal, and its answer. */
export function registerChatRoute(app: FastifyInstance, { chat, language }: ChatRouteDeps): void {
  app.post('/chat', {
    // To look needs no more than to read; what acts asks for the role of the writer.
    config: { scope: 'read', problems: [400, 401, 403, 406, 409, 413, 415, 503] },
    validatorCompiler: strictBody,
    schema: {
      operationId: 'postChat',
      tags: ['chat'],
      summary: 'Answers a message: questions about the traffic, and what people do about alerts.',
      description:
        'Understands Portuguese and English; answers in the language of the writer, else of `Accept-Language`. The same message id again gets the same answer and does nothing. Text blocks are plain text: escape them as the channel needs. While the database is away, the answer says that nothing is known; it is not kept, so the message may be sent again.',
      body: ChatMessage,
      response: { 200: ChatAnswer },
    },
    handler: (request) => chat.answer(actorOf(request), request.body as Message, language(request)),
  });
}
