import type { ChatAbilities, ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';
import type { Settings } from '../settings.ts';

/** A message for `POST /chat`. `readOnly`: whatever acts in it is refused. */
export interface ChatRequest {
  readonly channel: string;
  readonly sender: string;
  readonly conversation: string;
  readonly messageId: string;
  readonly text: string;
  readonly readOnly: boolean;
}

/** `away`: nothing is known; `why` says it in words. */
export type Asked = { readonly kind: 'answer'; readonly answer: ChatAnswer } | { readonly kind: 'away'; readonly why: string };

/** The server, by HTTP. */
export interface Guardian {
  /** Asks; never fails. */
  ask(question: ChatRequest): Promise<Asked>;
  /** `ok`, or why the server does not take the token or does not answer. */
  check(): Promise<string>;
  /** Whether it acts on alerts that only Alertmanager has; as it said last while it does not answer, and no before that. */
  actsElsewhere(): Promise<boolean>;
  /** Sends a receipt; false when the server did not take it. */
  receipt(body: Readonly<Record<string, unknown>>): Promise<boolean>;
}

/** A page waits no longer for what its buttons are. */
const ABILITIES_MS = 1000;
/** What the server said is asked again after this. */
const KNOWN_MS = 60_000;

export function createGuardian(settings: Settings, now: () => number): Guardian {
  let abilities: { readonly actsElsewhere: boolean; readonly at: number } | null = null;
  const get = (path: string, patienceMs: number): Promise<Response> =>
    fetch(`${settings.guardianUrl}/api/v1${path}`, {
      headers: { authorization: `Bearer ${settings.serviceToken()}` },
      signal: AbortSignal.timeout(patienceMs),
      redirect: 'error',
    });
  const post = (path: string, body: unknown): Promise<Response> => {
    const token = settings.serviceToken();
    return fetch(`${settings.guardianUrl}/api/v1${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'accept-language': settings.locale,
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(settings.chatTimeoutMs),
      redirect: 'error',
    });
  };
  const away = (why: string): Asked => ({ kind: 'away', why });
  return {
    async ask({ channel, sender, conversation, messageId, text, readOnly }) {
      const { locale } = settings;
      try {
        const body = { channel, sender, conversation, message_id: messageId, text, ...(readOnly ? { read_only: true } : {}) };
        const response = await post('/chat', body);
        if (response.ok) return { kind: 'answer', answer: (await response.json()) as ChatAnswer };
        await response.body?.cancel();
        if (response.status === 401 || response.status === 403) return away(pluginText(locale, 'plugin.away.setup'));
        return away(pluginText(locale, 'plugin.away.status', { status: response.status }));
      } catch (error) {
        const isLate = error instanceof Error && error.name === 'TimeoutError';
        return away(
          isLate
            ? pluginText(locale, 'plugin.away.timeout', { seconds: settings.chatTimeoutMs / 1000 })
            : pluginText(locale, 'plugin.away.refused'),
        );
      }
    },
    async check() {
      const { locale } = settings;
      const token = settings.serviceToken();
      if (token === '') return pluginText(locale, 'plugin.away.setup');
      try {
        const response = await get('/progress', settings.chatTimeoutMs);
        await response.body?.cancel();
        if (response.ok) return 'ok';
        const isRefused = response.status === 401 || response.status === 403;
        return isRefused ? pluginText(locale, 'plugin.away.setup') : pluginText(locale, 'plugin.away.status', { status: response.status });
      } catch {
        return pluginText(locale, 'plugin.away.refused');
      }
    },
    async actsElsewhere() {
      if (abilities !== null && now() - abilities.at < KNOWN_MS) return abilities.actsElsewhere;
      try {
        const response = await get('/chat', ABILITIES_MS);
        if (response.ok) abilities = { actsElsewhere: ((await response.json()) as ChatAbilities).acts_elsewhere, at: now() };
        else await response.body?.cancel();
      } catch {
        // The server is away: its answer would not come in time for this page.
      }
      return abilities?.actsElsewhere ?? false;
    },
    async receipt(body) {
      try {
        const response = await post('/receipts', body);
        await response.body?.cancel();
        return response.ok;
      } catch {
        return false;
      }
    },
  };
}
