import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { PluginApi } from './openclaw.ts';
import { registerGuardian } from './register.ts';

type Tool = Parameters<PluginApi['registerTool']>[0];

/** What the plugin registers with these settings. */
function registered(pluginConfig: Readonly<Record<string, unknown>>) {
  const [tools, commands, paths]: [Tool[], string[], string[]] = [[], [], []];
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const api: PluginApi = {
    pluginConfig,
    logger: log,
    get runtime(): never {
      throw new Error('not to be touched while the plugin registers');
    },
    registerHttpRoute: ({ path, auth }) => void paths.push(`${auth} ${path}`),
    registerCommand: ({ name }) => void commands.push(name),
    registerInteractiveHandler: () => undefined,
    registerService: () => undefined,
    registerTool: (tool) => void tools.push(tool),
    on: () => undefined,
  };
  registerGuardian(api);
  return { tools, commands, paths };
}

test('a model gets no tool unless that is switched on', () => {
  const { tools, commands, paths } = registered({});
  assert.deepEqual([tools, paths], [[], ['plugin /webhook/alertmanager']]);
  assert.ok(commands.includes('alertas'));
});

test('the tool of a model asks, and never acts', async (t) => {
  const bodies: { readonly read_only?: boolean; readonly text?: string }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const part of request) chunks.push(part as Buffer);
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof bodies)[number]);
      response.end(JSON.stringify({ blocks: [{ type: 'text', text: 'Aqui só se consulta', line: 1 }] }));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { tools } = registered({ agentTools: true, guardianUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const [tool, ...more] = tools;
  assert.deepEqual([tool?.name, more], ['guardian_ask', []]);
  const answer = await tool?.execute('1', { question: 'runbook restart-api' });
  assert.deepEqual(
    bodies.map(({ read_only: readOnly, text }) => [readOnly, text]),
    [[true, 'runbook restart-api']],
  );
  assert.equal(answer?.content[0]?.text, 'Aqui só se consulta');
});
