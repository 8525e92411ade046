import assert from 'node:assert/strict';
import { before, describe, test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { COLLEAGUE, cannotRun, GROUP, notification, OWNER, startNight, STRANGER, type Night } from './night.ts';

const QUIET_MS = 4000;

/** Every command of the contract, as it is written in both languages and with a slash, and what its answer says. */
const COMMANDS: readonly (readonly [string, RegExp])[] = [
  ['status do sistema', /Transaction Guardian Status/],
  ['/status', /Transaction Guardian Status/],
  ['/guardian', /Transaction Guardian Status/],
  ['health check', /Transaction Guardian Status/],
  ['mostra alertas', /[Aa]lerta/],
  ['/alertas', /[Aa]lerta/],
  ['active alerts', /[Aa]lert/],
  ['/alerts', /[Aa]lert/],
  ['anomalias última hora', /[Aa]nomalia/],
  ['/anomalias ontem', /[Aa]nomalia/],
  ['anomalies last 2 hours', /[Aa]nomal/],
  ['/anomalies', /[Aa]nomal/],
  ['taxa de aprovação', /Taxa de aprovação/],
  ['/metricas taxa de aprovação', /Taxa de aprovação/],
  ['approval rate', /Taxa de aprovação/],
  ['/metrics', /[Mm]étrica/],
  ['runbook', /restart-api/],
  ['/runbook', /restart-api/],
  ['runbooks', /restart-api/],
  ['incidente API lenta', /Incidente inc-\d+ aberto/],
  ['/incidente fila parada', /Incidente inc-\d+ aberto/],
  ['incident slow API', /Incidente inc-\d+ aberto/],
  ['/incident slow queue', /Incidente inc-\d+ aberto/],
  ['briefing', /[Bb]riefing/],
  ['/briefing', /[Bb]riefing/],
  ['ajuda', /Comandos/],
  ['/ajuda', /Comandos/],
  ['help', /Comandos/],
  ['/help', /Comandos/],
];

describe('the phone asks and answers', { timeout: 900_000, skip: cannotRun }, () => {
  let night: Night;
  before(async (t) => {
    night = await startNight(t as TestContext);
  });

  test('every command, as text and with a slash, in both languages', async () => {
    for (const [words, says] of COMMANDS) {
      const answer = await night.say(OWNER, words);
      assert.match(answer.text, says, words);
    }
    const english = await night.say(COLLEAGUE, 'approval rate');
    assert.match(english.text, /Approval rate/, 'the language is that of the person');
  });

  test('nothing is said that was not understood, and what is offered can be tapped', async () => {
    const answer = await night.say(OWNER, 'bananas voam');
    assert.match(answer.text, /Não entendi/);
    const known = night.telegram.messages(OWNER).length;
    night.telegram.tap(OWNER, answer, answer.buttons[0]?.callback_data ?? '');
    assert.match((await night.next(known)).text, /Transaction Guardian Status/);
  });

  test('a placeholder of the help is shown, and no markup of it', async () => {
    assert.match((await night.say(OWNER, 'ajuda')).text, /silenciar &lt;\u2060?o quê&gt; por/);
  });

  test('a stranger gets nothing, and a tap of one does nothing', async () => {
    const page = await tapped(night, '801');
    const before = night.telegram.messages().length;
    night.telegram.write(STRANGER, 'status');
    night.telegram.tap(STRANGER, page, page.buttons[0]?.callback_data ?? '');
    await wait(QUIET_MS);
    assert.equal(night.telegram.messages().length, before);
  });

  test('who is no owner looks and does not act, by words and by a tap', async () => {
    const refused = await night.say(COLLEAGUE, 'incident from a colleague');
    assert.match(refused.text, /only be read|not allowed/);
    const inGroup = await night.say(OWNER, 'incidente no grupo', { chat: GROUP });
    assert.match(inGroup.text, /só se consulta|não tem permissão/);
    assert.match((await night.say(OWNER, 'status', { chat: GROUP })).text, /Transaction Guardian Status/);
    const { items } = await night.guardian().get<{ items: { title: string }[] }>('/api/v1/incidents');
    assert.ok(!JSON.stringify(items).includes('colleague') && !JSON.stringify(items).includes('no grupo'));
  });

  test('a runbook asks first, runs on the confirmation, and its message follows it', async () => {
    const asked = await night.say(OWNER, 'executar runbook clear-cache');
    assert.match(asked.text, /Runbook concluído/);
    const confirm = await night.say(OWNER, 'runbook silence-merchant');
    assert.match(confirm.text, /merchant|lojista|parâmetro/i);
    const restart = await night.say(OWNER, 'runbook restart-api');
    assert.match(restart.text, /Confirma o runbook restart-api/);
    const code = restart.buttons.find(({ callback_data }) => callback_data.includes('confirmar'));
    const known = night.telegram.messages(OWNER).length;
    night.telegram.tap(OWNER, restart, code?.callback_data ?? '');
    const run = await night.next(known);
    assert.match(run.text, /restart-api/);
  });

  test('two texts within 100 ms are two answers; the same update twice is one', async () => {
    const known = night.telegram.messages(OWNER).length;
    night.telegram.write(OWNER, 'status');
    await wait(50);
    night.telegram.write(OWNER, 'ajuda');
    await night.next(known + 1);
    const texts = night.telegram
      .messages(OWNER)
      .slice(known)
      .map(({ text }) => text);
    assert.ok(texts.some((text) => text.includes('Status')) && texts.some((text) => text.includes('Comandos')), JSON.stringify(texts));
    const before = night.telegram.messages(OWNER).length;
    night.telegram.write(OWNER, 'incidente uma vez só');
    night.telegram.repeatLastUpdate();
    await night.next(before);
    await wait(QUIET_MS);
    const opened = night.telegram
      .messages(OWNER)
      .slice(before)
      .filter(({ text }) => text.includes('Incidente inc-'));
    assert.equal(opened.length, 1);
  });

  test('a program that is down is said plainly, and is there again afterwards', async () => {
    await night.guardian().kill();
    assert.match((await night.say(OWNER, 'status')).text, /^⚠️ Transaction Guardian indisponível \(conexão recusada\)/);
    await night.startGuardian();
    assert.match((await night.say(OWNER, 'status')).text, /Transaction Guardian Status/);
  });
});

async function tapped(night: Night, group: string) {
  const known = night.telegram.messages(OWNER).length;
  assert.equal(await night.notify(notification({ group })), 200);
  return night.next(known);
}
