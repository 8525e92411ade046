import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';
import { MENU } from './chat/commands.ts';
import { clickOf, commandOf, messageFrom } from './chat/inbound.ts';
import { createTurns } from './chat/turns.ts';
import { registerAgentTool } from './chat/agent-tool.ts';
import type { MessageSent, PluginApi } from './openclaw.ts';
import { NAMESPACE, callbackValue, telegramCallbackData } from './outbound/callback.ts';
import { createOutbound } from './outbound/outbound.ts';
import { createTelegramEdit } from './outbound/telegram-edit.ts';
import { BUTTON_CHANNELS, renderingOf } from './render/channel.ts';
import { readSettings } from './settings.ts';
import { start, type Started } from './started.ts';
import { createRateLimit } from './webhook/rate-limit.ts';
import { createWebhook, WEBHOOK_PATH } from './webhook/route.ts';

/** Channels without a way out through the gateway: the answer goes back as text. */
const TEXT_ONLY = new Set(['webchat', 'cli']);
/** Notifications a minute from one address, and how many at once. */
const PER_MINUTE = 1200;
const AT_ONCE = 400;
/** Messages of the gateway's queue that are remembered until the service has started. */
const MOST_EARLY = 1000;

/** Registers the webhook, the commands, the clicks and the service with the gateway. */
export function registerGuardian(api: PluginApi): void {
  const settings = readSettings(api.pluginConfig);
  const gateway = () => api.runtime.config.current();
  const outbound = createOutbound({
    sendBatch: async (params) => (await import('openclaw/plugin-sdk/channel-outbound')).sendDurableMessageBatch(params),
    editTelegram: createTelegramEdit(
      gateway,
      async (cfg, accountId) => {
        const { resolveTelegramAccount } = await import('openclaw/plugin-sdk/telegram-account');
        const { token, config } = resolveTelegramAccount({ cfg, ...(accountId === undefined ? {} : { accountId }) });
        return { token, apiRoot: config.apiRoot };
      },
      (value) => telegramCallbackData(callbackValue(value)),
    ),
    gateway,
    log: api.logger,
  });
  let started: Started | null = null;
  /** What the gateway says of its queue before the service has started. */
  let early: [channel: string, event: MessageSent][] = [];
  const inTurn = createTurns(api.logger);

  api.registerService({
    id: 'transaction-guardian',
    async start({ stateDir, logger }) {
      if (settings.webhookToken() === '') logger.error('webhookToken is missing: no page can come in');
      if (settings.deliverTo.length === 0) logger.error('deliverTo is empty: nobody is paged');
      started = await start({ settings, outbound, gateway, log: logger, stateDir, now: Date.now, wait });
      for (const [channel, event] of early) started.recovery.observe(channel, event);
      early = [];
    },
    async stop() {
      started?.stop();
      started = null;
    },
  });

  api.registerHttpRoute({
    path: WEBHOOK_PATH,
    auth: 'plugin',
    match: 'exact',
    handler: createWebhook({
      token: settings.webhookToken,
      deliver: () => started?.deliver ?? null,
      limit: createRateLimit(PER_MINUTE, AT_ONCE, Date.now),
      targets: settings.deliverTo.length,
      server: async () => (await started?.checkServer()) ?? '…',
    }),
  });

  api.on('before_dispatch', async (event, context) => {
    const said = messageFrom(event, context, randomUUID);
    if (started === null || said === null) return undefined;
    if (!TEXT_ONLY.has(said.target.channel)) {
      const isAnswered = inTurn(said, started.talk);
      // A turn that lasts is aborted by the next message, which is lost with it.
      return settings.modelFallback && !(await isAnswered) ? undefined : { handled: true };
    }
    const answered = await started.talk.answer(said);
    if (answered.kind === 'model') return undefined;
    const { render } = renderingOf(said.target.channel);
    return { handled: true, text: answered.message.lines.map(render).join('\n') };
  });

  api.on('message_sent', (event, { channelId = '' }) => {
    if (started !== null) started.recovery.observe(channelId, event);
    else if (early.length < MOST_EARLY) early.push([channelId, event]);
  });

  for (const { name, says, about } of MENU)
    api.registerCommand({
      name,
      description: pluginText(settings.locale, about),
      acceptsArgs: true,
      requireAuth: true,
      handler: async (context) => {
        const said = commandOf(says, context, randomUUID);
        if (started === null || said === null) return { text: '…' };
        void inTurn(said, started.talk);
        return { suppressReply: true };
      },
    });

  for (const channel of BUTTON_CHANNELS)
    api.registerInteractiveHandler({
      channel,
      namespace: NAMESPACE,
      handler: async (context) => {
        const said = clickOf(context, randomUUID);
        if (started !== null && said !== null) void inTurn(said, started.talk);
        return { handled: true };
      },
    });

  if (settings.agentTools) registerAgentTool(api, settings);
}
