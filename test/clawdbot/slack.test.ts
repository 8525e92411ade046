import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { waitFor } from '../e2e/product.ts';
import { startFakeSlack, type FakeSlack, type SlackButton, type SlackMessage } from './fake-slack.ts';
import { cannotRun, notification, OPENCLAW, startNight } from './night.ts';

const OWNER = 'U0OWNER';
const STRANGER = 'U0STRANGER';
const QUIET_MS = 4000;
const hasSlack = existsSync(join(OPENCLAW, 'node_modules', '@openclaw', 'slack'));
const skip = cannotRun || (hasSlack ? false : 'npm run test:clawdbot installs the channels');

/** What a reader of Slack sees: the text of the blocks where there are any. */
const shown = ({ text, blocks }: SlackMessage): string =>
  [text, ...blocks.map((block) => block.text?.text ?? '')].join('\n').replaceAll('\u2060', '');
const buttonsOf = ({ blocks }: SlackMessage): SlackButton[] =>
  blocks.flatMap(({ elements }) => elements ?? []).filter(({ type }) => type === 'button');
const next = (slack: FakeSlack, known: number): Promise<SlackMessage> => waitFor(async () => slack.messages()[known]);

test('Slack: a page, its buttons, its end and the chat, through its own package', { timeout: 900_000, skip }, async (t) => {
  const slack = await startFakeSlack();
  t.after(() => slack.close());
  const night = await startNight(t, {
    plugin: { deliverTo: [{ channel: 'slack', to: OWNER }] },
    channels: {
      config: {
        slack: {
          ...{ enabled: true, mode: 'socket', botToken: 'xoxb-1-test', appToken: 'xapp-1-test' },
          ...{ dmPolicy: 'allowlist', allowFrom: [OWNER], groupPolicy: 'allowlist' },
        },
      },
      owners: [`slack:${OWNER}`],
      env: { SLACK_API_URL: slack.url },
    },
  });
  await waitFor(async () => (slack.connected() ? true : undefined));
  const say = async (text: string): Promise<SlackMessage> => {
    const known = slack.messages().length;
    slack.write(OWNER, text);
    return next(slack, known);
  };

  await t.test('a page has the form, and buttons; its end answers it', async () => {
    assert.equal(await night.notify(notification({ group: '900' })), 200);
    const page = slack.messages()[0];
    assert.ok(page !== undefined);
    assert.match(
      shown(page),
      /\*?🚨 CRITICAL: Zero transactions detected 900\*?\nSistema: Transaction Guardian\nHora: 15:32\nAção: Verificar API imediatamente/,
    );
    assert.deepEqual(
      buttonsOf(page).map(({ text }) => text.text),
      ['Reconhecer', 'Soneca 15 min', 'Runbook'],
    );
    assert.equal(await night.notify(notification({ group: '900' })), 200);
    assert.equal(await night.notify(notification({ group: '900', status: 'resolved' })), 200);
    const [, end, ...more] = slack.messages();
    assert.match(shown(end ?? page), /RESOLVIDO/);
    assert.equal(end?.thread, page.ts);
    assert.deepEqual(more, []);
  });

  await t.test('what is asked is answered, and what is offered can be clicked', async () => {
    assert.match(shown(await say('status')), /Transaction Guardian Status/);
    const asked = await say('bananas voam');
    assert.match(shown(asked), /Não entendi/);
    const known = slack.messages().length;
    const [button] = buttonsOf(asked);
    assert.ok(button !== undefined);
    slack.click(OWNER, asked, button);
    assert.match(shown(await next(slack, known)), /Transaction Guardian Status/);
    assert.match(shown(await say('incidente fila parada')), /Incidente inc-\d+ aberto/);
  });

  await t.test('a stranger gets nothing and does nothing', async () => {
    const asked = await say('bananas voam');
    const known = slack.messages().length;
    const [button] = buttonsOf(asked);
    assert.ok(button !== undefined);
    slack.write(STRANGER, 'incidente de um estranho');
    slack.click(STRANGER, asked, button);
    await wait(QUIET_MS);
    assert.equal(slack.messages().length, known);
    const { items } = await night.guardian().get<{ items: unknown[] }>('/api/v1/incidents');
    assert.ok(!JSON.stringify(items).includes('estranho'));
  });

  await t.test('the gateway is killed before Slack answers: the page comes again, and says that it may be a repetition', async () => {
    const known = slack.messages().length;
    slack.losesAnswers = true;
    void night.notify(notification({ group: '901' })).catch(() => 0);
    await next(slack, known);
    await night.gateway.stop('SIGKILL');
    slack.losesAnswers = false;
    await night.gateway.start();
    await waitFor(async () => ((await night.notify(notification({ group: '901' })).catch(() => 0)) === 200 ? true : undefined));
    await wait(QUIET_MS);
    // OpenClaw gives only messages without buttons a mark by which it finds them in Slack again.
    const pages = slack.messages().filter((message) => shown(message).includes('detected 901'));
    assert.deepEqual(
      pages.map((message) => shown(message).includes('talvez repetido')),
      [false, true],
    );
  });
});
