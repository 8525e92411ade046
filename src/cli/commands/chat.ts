import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { Readable } from 'node:stream';
import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import type { Cli } from '../cli.ts';
import type { CommandRegistry } from '../registry.ts';
import { serverUrl } from '../running-server.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';

/** `guardian chat [message]`: one answer, or a conversation when no message is given. */
export function registerChat({ cli, add, run }: CommandRegistry): void {
  add('chat [message...]', cli.say('chat.about'), 'guardian chat "status do sistema"')
    .option('--conversation <name>', cli.say('opt.conversation'), 'terminal')
    .option('--url <url>', cli.say('opt.url'))
    .option('--json', cli.say('opt.json'))
    .action(
      run(async (words: readonly string[], options: { conversation: string; url?: string; json?: boolean }) => {
        const client = createServerClient(cli, serverUrl(cli.cwd, cli.config(), options.url));
        const ask = (text: string) => say(cli, client, options, text);
        if (words.length > 0) await ask(words.join(' '));
        else await converse(cli, ask);
        return 0;
      }),
    );
}

async function say(cli: Cli, client: ServerClient, options: { conversation: string; json?: boolean }, text: string): Promise<void> {
  const message = { channel: 'cli', sender: 'cli', conversation: options.conversation, message_id: randomUUID(), text };
  const response = await client.request('/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
    signal: cli.signal,
    withToken: true,
  });
  const answer = (await response.json()) as ChatAnswer;
  cli.print(options.json === true ? JSON.stringify(answer, null, 2) : textOf(cli, answer));
}

/** The blocks, and what may be sent next in place of buttons. */
function textOf(cli: Cli, { blocks, buttons }: ChatAnswer): string {
  const taps = buttons.map(({ label, text }) => (label === text ? text : `${text} (${label})`));
  const text = blocks.map((block) => block.text).join('\n\n');
  return taps.length === 0 ? text : `${text}\n\n${cli.say('chat.taps', { taps: taps.join(' · ') })}`;
}

/** Reads lines until the input ends. A person sees a prompt; lines from a pipe are answered one after the other. */
async function converse(cli: Cli, ask: (text: string) => Promise<void>): Promise<void> {
  const lines = createInterface({ input: Readable.from(cli.stdin), crlfDelay: Number.POSITIVE_INFINITY });
  const prompt = (): void => void (cli.stdout.isTTY === true && cli.stdout.write('> '));
  prompt();
  for await (const line of lines) {
    if (/^\s*(?:sair|exit|quit)\s*$/i.test(line)) break;
    if (line.trim() !== '') await ask(line);
    prompt();
  }
}
