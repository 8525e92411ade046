import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { waitFor } from '../e2e/product.ts';
import type { DiscordMessage } from './discord-store.ts';
import { startFakeDiscord } from './fake-discord.ts';
import { cannotRun, notification, OPENCLAW, startNight } from './night.ts';

const OWNER = '703511072246789121';
const STRANGER = '703511072246789122';
const QUIET_MS = 4000;
const hasDiscord = existsSync(join(OPENCLAW, 'node_modules', '@openclaw', 'discord'));
const skip = cannotRun || (hasDiscord ? false : 'npm run test:clawdbot installs the channels');

test('Discord: a page, its buttons, its end and the chat, through its own package', { timeout: 900_000, skip }, async (t) => {
  const discord = await startFakeDiscord();
  t.after(() => discord.close());
  const night = await startNight(t, {
    plugin: { deliverTo: [{ channel: 'discord', to: OWNER }] },
    channels: {
      config: {
        discord: {
          ...{ enabled: true, token: 'MTIz.test.token', agentComponents: { ttlMs: 86_400_000 } },
          ...{ dmPolicy: 'allowlist', allowFrom: [OWNER], groupPolicy: 'allowlist' },
        },
      },
      owners: [`discord:${OWNER}`],
      env: { DISCORD_API_URL: discord.url },
    },
  });
  await waitFor(async () => (discord.connected() ? true : undefined));
  const next = (known: number): Promise<DiscordMessage> => waitFor(async () => discord.messages()[known]);
  const say = async (text: string): Promise<DiscordMessage> => {
    const known = discord.messages().length;
    discord.write(OWNER, text);
    return next(known);
  };

  await t.test('a page has the form, and buttons; its end answers it', async () => {
    assert.equal(await night.notify(notification({ group: '900' })), 200);
    const page = discord.messages()[0];
    assert.ok(page !== undefined);
    assert.match(
      page.text.replaceAll('\u2060', ''),
      /🚨 CRITICAL: Zero transactions detected 900\**\nSistema: Transaction Guardian\nHora: 15:32\nAção: Verificar API imediatamente/,
    );
    assert.deepEqual(
      page.buttons.map(({ label }) => label),
      ['Reconhecer', 'Soneca 15 min', 'Runbook'],
    );
    assert.equal(await night.notify(notification({ group: '900' })), 200);
    assert.equal(await night.notify(notification({ group: '900', status: 'resolved' })), 200);
    const [, end, ...more] = discord.messages();
    assert.match(end?.text ?? '', /RESOLVIDO/);
    assert.equal(end?.repliesTo, page.id);
    assert.deepEqual(more, []);
  });

  await t.test('what is asked is answered, and what is offered can be clicked', async () => {
    assert.match((await say('status')).text, /Transaction Guardian Status/);
    const asked = await say('bananas voam');
    assert.match(asked.text, /Não entendi/);
    const known = discord.messages().length;
    const [button] = asked.buttons;
    assert.ok(button !== undefined);
    discord.click(OWNER, asked, button);
    assert.match((await next(known)).text, /Transaction Guardian Status/);
    assert.match((await say('incidente fila parada')).text, /Incidente inc-\d+ aberto/);
  });

  await t.test('a stranger gets nothing and does nothing', async () => {
    const asked = await say('bananas voam');
    const known = discord.messages().length;
    const [button] = asked.buttons;
    assert.ok(button !== undefined);
    discord.write(STRANGER, 'incidente de um estranho');
    discord.click(STRANGER, asked, button);
    await wait(QUIET_MS);
    assert.equal(discord.messages().length, known);
    const { items } = await night.guardian().get<{ items: unknown[] }>('/api/v1/incidents');
    assert.ok(!JSON.stringify(items).includes('estranho'));
  });
});
