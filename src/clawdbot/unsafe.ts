import type { ChannelConfig, OpenClawConfig, SetupWish } from './openclaw-config.ts';

/** Why a gateway must not be connected: `bind`, `tailscale`: others than this machine reach it; `auth`: it asks for no token;
 *  `dm_open`, `group_open`: anybody may write to the bot; `no_list`: a channel that gets pages lists nobody. `what` names the setting,
 *  `value` what stands there. */
export interface Unsafe {
  readonly code: 'bind' | 'tailscale' | 'auth' | 'dm_open' | 'group_open' | 'no_list';
  readonly what: string;
  readonly value: string;
}

/** Everything that is unsafe about a gateway; empty when nothing is. Pure. */
export function findUnsafe(config: OpenClawConfig, { owners, targets }: Pick<SetupWish, 'owners' | 'targets'>): Unsafe[] {
  const { bind = 'loopback', auth, tailscale } = config.gateway ?? {};
  const found: Unsafe[] = [];
  if (bind !== 'loopback') found.push({ code: 'bind', what: 'gateway.bind', value: bind });
  if (tailscale?.mode === 'funnel') found.push({ code: 'tailscale', what: 'gateway.tailscale.mode', value: 'funnel' });
  if (auth?.mode === 'none') found.push({ code: 'auth', what: 'gateway.auth.mode', value: 'none' });
  for (const [name, channel] of Object.entries(config.channels ?? {})) {
    if (channel === undefined || channel.enabled === false) continue;
    found.push(...openLists(channel, `channels.${name}`));
    for (const [account, one] of Object.entries(channel.accounts ?? {}))
      if (one !== undefined) found.push(...openLists(one, `channels.${name}.accounts.${account}`));
  }
  for (const { channel } of targets)
    if (!owners.some((owner) => owner.channel === channel) && (config.channels?.[channel]?.allowFrom ?? []).length === 0)
      found.push({ code: 'no_list', what: `channels.${channel}.allowFrom`, value: '[]' });
  return found;
}

function openLists({ dmPolicy, allowFrom = [], groupPolicy }: ChannelConfig, what: string): Unsafe[] {
  return [
    ...(dmPolicy === 'open' ? [{ code: 'dm_open' as const, what: `${what}.dmPolicy`, value: 'open' }] : []),
    ...(allowFrom.map(String).includes('*') ? [{ code: 'dm_open' as const, what: `${what}.allowFrom`, value: '*' }] : []),
    ...(groupPolicy === 'open' ? [{ code: 'group_open' as const, what: `${what}.groupPolicy`, value: 'open' }] : []),
  ];
}
