import { randomUUID } from 'node:crypto';
import type { PluginApi } from '../openclaw.ts';
import type { Settings } from '../settings.ts';
import { createGuardian } from './guardian.ts';

/** A tool for those who run a model: asks the server as a person does in the chat. It never acts. */
export function registerAgentTool(api: PluginApi, settings: Settings): void {
  const guardian = createGuardian(settings, Date.now);
  api.registerTool({
    name: 'guardian_ask',
    label: 'Transaction Guardian',
    description:
      'Asks Transaction Guardian about payment traffic, read only: "status", "alertas", "anomalias últimas 2 horas", "taxa de aprovação", "briefing".',
    parameters: {
      type: 'object',
      additionalProperties: false,
      required: ['question'],
      properties: { question: { type: 'string', maxLength: 500 } },
    },
    async execute(_id, { question }) {
      const asked = await guardian.ask({
        channel: 'cli',
        sender: 'model',
        conversation: 'model',
        messageId: randomUUID(),
        text: String(question),
        readOnly: true,
      });
      const text = asked.kind === 'away' ? `unavailable: ${asked.why}` : asked.answer.blocks.map((block) => block.text).join('\n\n');
      return { content: [{ type: 'text', text }] };
    },
  });
}
