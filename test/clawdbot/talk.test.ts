import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { waitFor } from '../e2e/product.ts';
import { incidentMinutes } from '../e2e/traffic.ts';
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

test('the phone asks and answers', { timeout: 900_000, skip: cannotRun }, async (t) => {
  const night = await startNight(t);

  await t.test('every command, as text and with a slash, in both languages', async () => {
    for (const [words, says] of COMMANDS) {
      const answer = await night.say(OWNER, words);
      assert.match(answer.text, says, words);
    }
    const english = await night.say(COLLEAGUE, 'approval rate');
    assert.match(english.text, /Approval rate/, 'the language is that of the person');
  });

  await t.test('nothing is said that was not understood, and what is offered can be tapped', async () => {
    const answer = await night.say(OWNER, 'bananas voam');
    assert.match(answer.text, /Não entendi/);
    const known = night.telegram.messages(OWNER).length;
    night.telegram.tap(OWNER, answer, answer.buttons[0]?.callback_data ?? '');
    assert.match((await night.next(known)).text, /Transaction Guardian Status/);
  });

  await t.test('a placeholder of the help is shown, and no markup of it', async () => {
    assert.match((await night.say(OWNER, 'ajuda')).text, /silenciar &lt;\u2060?o quê&gt; por/);
  });

  await t.test('a stranger gets nothing, and a tap of one does nothing', async () => {
    const page = await tapped(night, '801');
    const before = night.telegram.messages().length;
    night.telegram.write(STRANGER, 'status');
    night.telegram.tap(STRANGER, page, page.buttons[0]?.callback_data ?? '');
    await wait(QUIET_MS);
    assert.equal(night.telegram.messages().length, before);
  });

  await t.test('who is no owner looks and does not act, by words and by a tap', async () => {
    const refused = await night.say(COLLEAGUE, 'incident from a colleague');
    assert.match(refused.text, /^This chat is read-only/);
    const inGroup = await night.say(OWNER, 'incidente no grupo', { chat: GROUP });
    assert.match(inGroup.text, /^Aqui só se consulta/);
    assert.match((await night.say(OWNER, 'status', { chat: GROUP })).text, /Transaction Guardian Status/);
    const { items } = await night.guardian().get<{ items: { title: string }[] }>('/api/v1/incidents');
    assert.ok(!JSON.stringify(items).includes('colleague') && !JSON.stringify(items).includes('no grupo'));
  });

  await t.test('a runbook asks first, runs on the confirmation, and its message follows it', async () => {
    const short = await night.say(OWNER, 'executar runbook clear-cache');
    assert.match(short.text, /Runbook concluído/);
    const asked = await night.say(OWNER, 'runbook slow-check');
    assert.match(asked.text, /Confirma o runbook slow-check/);
    const code = asked.buttons.find(({ callback_data }) => callback_data.includes('confirmar'));
    const known = night.telegram.messages(OWNER).length;
    night.telegram.tap(OWNER, asked, code?.callback_data ?? '');
    const begun = await night.next(known);
    assert.match(begun.text, /Executando runbook: slow-check/);
    // The chat is free meanwhile.
    assert.match((await night.say(OWNER, 'ajuda')).text, /Comandos/);
    const over = await waitFor(async () =>
      night.telegram.messages(OWNER).find(({ id, text }) => id === begun.id && text.includes('Runbook concluído')),
    );
    assert.ok(over.edits >= 1);
    assert.match(over.text, /\[1\/3\].*✅\n\[2\/3\].*✅\n\[3\/3\].*✅/s);
  });

  await t.test('a metric comes with its picture, once there is traffic', async () => {
    const lines = incidentMinutes({ start: Date.parse('2026-03-10T12:00:00Z'), minutes: 120, seed: 3, incidentMinutes: 0 });
    await night.guardian().post('/transactions/batch', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
    const known = night.telegram.messages(OWNER).length;
    await waitFor(async () => ((await night.say(OWNER, 'taxa de aprovação')).text.includes('Última hora') ? true : undefined));
    await waitFor(async () =>
      night.telegram
        .messages(OWNER)
        .slice(known)
        .find(({ photo }) => photo),
    );
  });
});

async function tapped(night: Night, group: string) {
  const known = night.telegram.messages(OWNER).length;
  assert.equal(await night.notify(notification({ group })), 200);
  return night.next(known);
}
