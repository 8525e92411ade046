import type { IncomingMessage, ServerResponse } from 'node:http';

/** The part of OpenClaw's plugin API (2026.9.6) that the plugin uses. OpenClaw is no dependency: its package is 330 MB. */
export interface PluginApi {
  readonly pluginConfig?: Readonly<Record<string, unknown>>;
  readonly logger: PluginLogger;
  /** Not to be touched while the plugin registers. */
  readonly runtime: PluginRuntime;
  registerHttpRoute(route: HttpRoute): void;
  registerCommand(command: CommandDefinition): void;
  registerInteractiveHandler(handler: InteractiveHandler): void;
  registerService(service: Service): void;
  registerTool(tool: AgentTool): void;
  on(hook: 'before_dispatch', handler: (event: InboundMessage, context: InboundContext) => Promise<InboundResult | undefined>): void;
  on(hook: 'message_sent', handler: (event: MessageSent, context: InboundContext) => void): void;
}

export interface PluginLogger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

interface PluginRuntime {
  readonly config: { current(): GatewayConfig };
}

/** The gateway's configuration; only what the plugin reads. */
export interface GatewayConfig {
  readonly commands?: { readonly ownerAllowFrom?: readonly (string | number)[] };
  readonly channels?: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
}

interface HttpRoute {
  readonly path: string;
  /** `plugin`: the plugin asks for its own credentials. */
  readonly auth: 'plugin';
  readonly match: 'exact';
  readonly handler: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
}

export interface CommandContext {
  readonly senderId?: string;
  readonly channel: string;
  readonly args?: string;
  readonly from?: string;
  readonly to?: string;
  readonly accountId?: string;
  readonly messageThreadId?: string | number;
}

interface CommandDefinition {
  readonly name: string;
  readonly description: string;
  readonly descriptionLocalizations?: Readonly<Record<string, string>>;
  readonly acceptsArgs: boolean;
  readonly requireAuth: boolean;
  readonly handler: (context: CommandContext) => Promise<Payload & { readonly suppressReply?: boolean }>;
}

/** A click on a button of ours. */
export interface InteractiveContext {
  readonly channel: string;
  readonly accountId?: string;
  readonly senderId?: string;
  readonly conversationId: string;
  readonly threadId?: number | string;
  readonly isGroup?: boolean;
  readonly auth: { readonly isAuthorizedSender: boolean };
  /** Discord and Slack name the same fields `interaction`. */
  readonly callback?: InteractiveData;
  readonly interaction?: InteractiveData;
  readonly callbackId?: string;
  readonly interactionId?: string;
}
interface InteractiveData {
  readonly payload: string;
  readonly messageId?: number | string;
  /** Slack's id of a message. */
  readonly messageTs?: string;
  readonly chatId?: string;
}
interface InteractiveHandler {
  readonly channel: string;
  readonly namespace: string;
  readonly handler: (context: InteractiveContext) => Promise<{ readonly handled: boolean }>;
}

interface Service {
  readonly id: string;
  start(context: ServiceContext): Promise<void>;
  stop(): Promise<void>;
}
export interface ServiceContext {
  readonly stateDir: string;
  readonly logger: PluginLogger;
}

interface AgentTool {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  execute(id: string, input: Readonly<Record<string, unknown>>): Promise<{ readonly content: readonly { type: 'text'; text: string }[] }>;
}

/** A message of somebody whom the channel's own list admits. */
export interface InboundMessage {
  readonly messageId?: string;
  readonly content: string;
  readonly body?: string;
  readonly channel?: string;
  readonly senderId?: string;
  readonly isGroup?: boolean;
  readonly replyToId?: string;
}
export interface InboundContext {
  readonly messageId?: string;
  readonly channelId?: string;
  readonly accountId?: string;
  readonly conversationId?: string;
  readonly senderId?: string;
  readonly replyToId?: string;
}
/** What became of a message, also of one that the gateway's queue had from before its start. */
export interface MessageSent {
  readonly to: string;
  readonly content: string;
  readonly success: boolean;
  readonly messageId?: string;
  readonly error?: string;
}
/** `handled` without a text: the answer goes out another way. */
export interface InboundResult {
  readonly handled: true;
  readonly text?: string;
}

/** One message as OpenClaw sends it. */
export interface Payload {
  readonly text?: string;
  readonly mediaUrl?: string;
  readonly replyToId?: string;
  readonly presentation?: { readonly blocks: readonly ButtonsBlock[] };
}
interface ButtonsBlock {
  readonly type: 'buttons';
  readonly buttons: readonly PresentationButton[];
}
export interface PresentationButton {
  readonly label: string;
  readonly style?: 'primary' | 'secondary' | 'success' | 'danger';
  readonly reusable?: boolean;
  readonly action: { readonly type: 'callback'; readonly value: string };
}

export interface BatchParams {
  readonly cfg: GatewayConfig;
  readonly channel: string;
  readonly to: string;
  readonly accountId?: string;
  readonly threadId?: string | number;
  readonly replyToId?: string;
  readonly payloads: readonly Payload[];
  readonly durability: 'required' | 'best_effort';
  readonly formatting?: { readonly maxLinesPerMessage?: number };
  readonly mediaAccess?: { readonly localRoots: readonly string[] };
}
export interface BatchResult {
  readonly status: 'sent' | 'suppressed' | 'partial_failed' | 'failed';
  readonly results?: readonly { readonly messageId: string }[];
  readonly receipt?: { readonly primaryPlatformMessageId?: string; readonly platformMessageIds?: readonly string[] };
  readonly error?: unknown;
  readonly reason?: string;
}
