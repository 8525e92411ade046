/** The part of OpenClaw's `openclaw.json` that a set-up reads and writes; the rest is kept as it is. */
export interface OpenClawConfig {
  readonly gateway?: {
    readonly bind?: string;
    readonly port?: number;
    readonly auth?: { readonly mode?: string };
    readonly tailscale?: { readonly mode?: string };
  };
  readonly agents?: {
    readonly defaults?: Readonly<Record<string, unknown>> & { readonly model?: unknown; readonly heartbeat?: { readonly every?: string } };
  };
  readonly channels?: Readonly<Record<string, ChannelConfig | undefined>>;
  readonly commands?: Readonly<Record<string, unknown>>;
  readonly messages?: { readonly inbound?: { readonly byChannel?: Readonly<Record<string, number>> } };
  readonly plugins?: {
    readonly allow?: readonly string[];
    readonly load?: { readonly paths?: readonly string[] };
    readonly entries?: Readonly<Record<string, { readonly config?: object } | undefined>>;
  };
}
export interface ChannelConfig {
  readonly enabled?: boolean;
  readonly dmPolicy?: string;
  readonly allowFrom?: readonly (string | number)[];
  readonly groupPolicy?: string;
  readonly agentComponents?: { readonly ttlMs?: number };
  readonly groups?: Readonly<Record<string, object>>;
  readonly channels?: Readonly<Record<string, object>>;
  readonly accounts?: Readonly<Record<string, ChannelConfig | undefined>>;
}

/** An account or a group of a channel: `telegram:777`. */
export interface Address {
  readonly channel: string;
  readonly id: string;
}

/** What somebody wants set up. */
export interface SetupWish {
  /** May write and act. */
  readonly owners: readonly Address[];
  /** Get the pages. */
  readonly targets: readonly Address[];
  readonly severities: readonly string[];
  readonly guardianUrl: string;
  readonly serviceTokenFile: string;
  readonly webhookTokenFile: string;
  readonly locale: string;
  readonly timeZone: string;
  /** Folder of the built plugin; null when it is installed as a package. */
  readonly pluginFolder: string | null;
}

export const PLUGIN_ID = 'transaction-guardian';
/** Port of a gateway whose configuration names none. */
export const GATEWAY_PORT = 18_789;

/** Reads `telegram:777`; null when it is no address. */
export function readAddress(text: string): Address | null {
  const [, channel, id] = /^([a-z][a-z0-9-]{0,31}):(\S{1,80})$/.exec(text) ?? [];
  return channel === undefined || id === undefined ? null : { channel, id };
}

export const addressText = ({ channel, id }: Address): string => `${channel}:${id}`;

/** The configuration with the plugin, its lists and what keeps messages apart. Pure. */
export function withPlugin(config: OpenClawConfig, wish: SetupWish): OpenClawConfig {
  const { plugins, messages, commands } = config;
  const owners = wish.owners.map(addressText);
  const known = plugins?.entries?.[PLUGIN_ID]?.config ?? {};
  const settings = {
    ...known,
    webhookTokenFile: wish.webhookTokenFile,
    guardianUrl: wish.guardianUrl,
    serviceTokenFile: wish.serviceTokenFile,
    deliverTo: wish.targets.map(({ channel, id }) => ({
      channel,
      to: id,
      ...(wish.severities.length === 0 ? {} : { severities: [...wish.severities] }),
    })),
    owners,
    locale: wish.locale,
    timeZone: wish.timeZone,
  };
  const channels = [...new Set([...wish.owners, ...wish.targets].map(({ channel }) => channel))];
  return {
    ...config,
    ...withoutHeartbeat(config),
    // Texts that follow each other within 300 ms would be merged into one.
    messages: {
      ...messages,
      inbound: {
        ...messages?.inbound,
        byChannel: { ...messages?.inbound?.byChannel, ...Object.fromEntries(channels.map((name) => [name, 0])) },
      },
    },
    commands: { ...commands, ownerAllowFrom: merged(listOf(commands?.['ownerAllowFrom']), owners) },
    channels: { ...config.channels, ...Object.fromEntries(channels.map((name) => [name, withList(config.channels?.[name], name, wish)])) },
    plugins: {
      ...plugins,
      ...(plugins?.allow === undefined ? {} : { allow: merged(plugins.allow, [PLUGIN_ID, ...channels]) }),
      ...(wish.pluginFolder === null ? {} : { load: { ...plugins?.load, paths: merged(plugins?.load?.paths ?? [], [wish.pluginFolder]) } }),
      entries: {
        ...plugins?.entries,
        [PLUGIN_ID]: { ...plugins?.entries?.[PLUGIN_ID], enabled: true, config: settings } as { config: object },
      },
    },
  };
}

/** Every half an hour OpenClaw asks its model whether something is to be done. Where there is none that only fails. */
function withoutHeartbeat({ agents }: OpenClawConfig): Pick<OpenClawConfig, 'agents'> {
  const { model, heartbeat } = agents?.defaults ?? {};
  if (model !== undefined || heartbeat?.every !== undefined) return {};
  return { agents: { ...agents, defaults: { ...agents?.defaults, heartbeat: { ...heartbeat, every: '0m' } } } };
}

/** What a channel gets beside its lists, where nothing stands there. Discord: OpenClaw forgets buttons after 30 minutes, and an alert
 *  fires for longer; 24 hours are its most. */
const DEFAULTS: Readonly<Record<string, ChannelConfig>> = { discord: { agentComponents: { ttlMs: 86_400_000 } } };

/** How a channel names the groups in which it listens, and which ids are groups there. Discord needs the id of the server too. */
const ROOMS: Readonly<Record<string, { readonly key: 'groups' | 'channels'; readonly isRoom: RegExp }>> = {
  telegram: { key: 'groups', isRoom: /^-\d/ },
  whatsapp: { key: 'groups', isRoom: /@g\.us$/ },
  slack: { key: 'channels', isRoom: /^[CG]/ },
};

/** The groups that get pages, so that taps and questions in them are heard. Only those who may write to the bot are: Slack would
 *  admit everybody who is in the channel. */
function roomsOf(channel: ChannelConfig | undefined, name: string, allowFrom: readonly string[], { targets }: SetupWish): ChannelConfig {
  const { key, isRoom } = ROOMS[name] ?? {};
  const ids = targets.filter((target) => target.channel === name && isRoom?.test(target.id) === true).map(({ id }) => id);
  if (key === undefined || ids.length === 0) return {};
  const room = name === 'slack' ? { enabled: true, requireMention: false, users: allowFrom } : { requireMention: false };
  return { [key]: { ...Object.fromEntries(ids.map((id) => [id, room])), ...channel?.[key] } };
}

/** A channel that admits its owners, and listens to them in the groups that get pages. */
function withList(channel: ChannelConfig | undefined, name: string, wish: SetupWish): ChannelConfig {
  const own = wish.owners.filter((owner) => owner.channel === name).map(({ id }) => id);
  const allowFrom = merged(channel?.allowFrom?.map(String) ?? [], own);
  return {
    enabled: true,
    dmPolicy: 'allowlist',
    groupPolicy: 'allowlist',
    ...DEFAULTS[name],
    ...channel,
    allowFrom,
    ...roomsOf(channel, name, allowFrom, wish),
  };
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const merged = (known: readonly string[], more: readonly string[]): string[] => [...new Set([...known, ...more])];
