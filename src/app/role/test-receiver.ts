import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { loadConfig, requireValid } from '../../config/config-load.ts';
import type { Config } from '../../config/config-schema.ts';

interface Message {
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

/** A receiver until the test ends: of what it was notified, as `name status`, and a configuration with it in which a part stands still after a
 *  second. */
export async function notifiedReceiver(t: TestContext): Promise<{ readonly told: readonly string[]; readonly config: Config }> {
  const told: string[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()));
    request.on('end', () => {
      for (const { labels, status } of (JSON.parse(body) as Message).alerts) told.push(`${labels['alertname']} ${status}`);
      response.writeHead(200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  t.after(() => void receiver.close());
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const env = {
    GUARDIAN_ALERT_RECEIVERS: JSON.stringify([{ name: 'night-shift', url, token: 'phone-token' }]),
    GUARDIAN_WATCHDOG_STILL_S: '1',
  };
  return { told, config: requireValid(loadConfig({ env, cwd: '/nonexistent' })) };
}
