// What is imported from OpenClaw inside of the gateway; nothing of it is there when the plugin is compiled.
declare module 'openclaw/plugin-sdk/channel-outbound' {
  import type { BatchParams, BatchResult } from './openclaw.ts';
  export function sendDurableMessageBatch(params: BatchParams): Promise<BatchResult>;
}
declare module 'openclaw/plugin-sdk/telegram-account' {
  import type { GatewayConfig } from './openclaw.ts';
  export function resolveTelegramAccount(params: { cfg: GatewayConfig; accountId?: string | null }): {
    readonly token: string;
    readonly config: { readonly apiRoot?: string };
  };
}
