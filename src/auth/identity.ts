import { ACCOUNT_CHANNELS, PLACES, type AccountChannel } from '@transaction-guardian/contracts/role.ts';

/** What is wrong with an identity; its sentence is `problem.config.<rule>`. */
export interface IdentityProblem {
  readonly rule: 'identity' | 'identity_channel' | 'phone' | 'account';
  readonly params: Readonly<Record<string, string>>;
}

/** How each channel names an account. */
const ACCOUNTS: Readonly<Record<Exclude<AccountChannel, 'whatsapp'>, { readonly pattern: RegExp; readonly example: string }>> = {
  telegram: { pattern: /^[1-9]\d{0,18}$/, example: 'telegram:777' },
  slack: { pattern: /^[UW][A-Z0-9]{2,20}$/, example: 'slack:U0123ABC' },
  discord: { pattern: /^[1-9]\d{16,19}$/, example: 'discord:80351110224678912' },
};
/** E.164: a country code and the number, at most 15 digits. */
const PHONE = /^\+[1-9]\d{7,14}$/;
const BRAZIL = /^\+55([1-9]\d)(9?)(\d{8})$/;

/** Reads an identity: its key, equal for all ways to write one account, or what is wrong with it. Pure. */
export function readIdentity(text: string): { readonly key: string } | { readonly problem: IdentityProblem } {
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  const channel = name.trim().toLowerCase();
  const account = colon === -1 ? '' : text.slice(colon + 1).trim();
  if (PLACES.some((place) => place === channel))
    return account === '' && colon === -1 ? { key: channel } : problem('account', { channel, example: channel });
  const known = ACCOUNT_CHANNELS.find((one) => one === channel);
  if (known === undefined) return problem('identity_channel', { channels: [...ACCOUNT_CHANNELS, ...PLACES].join(', ') });
  if (colon === -1 || account === '')
    return problem('identity', { example: known === 'whatsapp' ? 'whatsapp:+5511987654321' : ACCOUNTS[known].example });
  if (known === 'whatsapp') return readPhone(account);
  const { pattern, example } = ACCOUNTS[known];
  const written = known === 'slack' ? account.toUpperCase() : account;
  return pattern.test(written) ? { key: `${known}:${written}` } : problem('account', { channel: known, example });
}

/** A phone as WhatsApp names it: `+55 11 98765-4321`, `5511987654321@s.whatsapp.net`. Brazil gave its mobile numbers a ninth
 *  digit, and WhatsApp still knows the older accounts without it: both are one key. */
function readPhone(account: string): ReturnType<typeof readIdentity> {
  const isJid = /^\d+@(?:s\.whatsapp\.net|c\.us)$/.test(account);
  const phone = isJid ? `+${account.slice(0, account.indexOf('@'))}` : account.replaceAll(/[\s().-]/g, '');
  if (!PHONE.test(phone)) return problem('phone', { example: '+5511987654321' });
  const [, area = '', ninth = '', rest = ''] = BRAZIL.exec(phone) ?? [];
  // Numbers of 8 digits from 2 to 5 are landlines, which never had the ninth.
  const isMobile = rest !== '' && (ninth === '9' || /^[6-9]/.test(rest));
  if (isMobile && /^[6-9]/.test(rest)) return { key: `whatsapp:+55${area}9${rest}` };
  return { key: `whatsapp:${phone}` };
}

const problem = (rule: IdentityProblem['rule'], params: Readonly<Record<string, string>>) => ({ problem: { rule, params } });
