import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createAct } from '../../src/auth/act.ts';
import { ZONE } from '../../src/detect/engine/test-traffic.ts';
import { createIncidentService } from '../../src/incident/incident-service.ts';
import { postMortem } from '../../src/incident/post-mortem.ts';
import { createNight, type Night } from './night.ts';

const PAGE = new URL('../../docs/a-night.md', import.meta.url);
const WRITE = 'GUARDIAN_WRITE_DOCS=1 node --test test/night/a-night.test.ts';
const ANA = { name: 'Ana', sender: '777', conversation: '777' } as const;
const BOB = { name: 'Bob', sender: '888', conversation: '888' } as const;

let night: Night;
before(async () => void (night = await createNight()));
after(() => night.close());

/** A transcript that grows as the night goes on. */
function createTranscript() {
  const lines: string[] = [];
  const clock = new Intl.DateTimeFormat('pt-BR', { hour: '2-digit', minute: '2-digit', timeZone: ZONE });
  const code = /\b(?=[A-Z0-9]{8}\b)(?=[A-Z0-9]*\d)[A-Z0-9]{8}\b/g;
  const block = (text: string): void => void lines.push('```text', text.replaceAll(code, '7K3M9QXA').trimEnd(), '```', '');
  // A hash of labels: what they say stands on the page already.
  const fingerprint = /`[0-9a-f]{16}`/g;
  return {
    scene: (title: string, text: string): void => void lines.push(`## ${title}`, '', text, ''),
    phone(): void {
      for (const { at, text } of night.phone()) block(`${clock.format(at)} guardian\n${text}`);
    },
    async say(who: typeof ANA | typeof BOB, text: string): Promise<string> {
      night.wait(20);
      const { sender, conversation } = who;
      const answer = await night.chat.say(text, { sender, conversation });
      const told = answer.blocks.map((one) => one.text).join('\n');
      block(`${clock.format(night.chat.clock.at)} ${who.name}: ${text}\n\n${told}`);
      return told;
    },
    markdown: (text: string): void =>
      void lines.push('```markdown', text.replaceAll(fingerprint, '`75b9550532f766f3`').trimEnd(), '```', ''),
    text: (): string => `${lines.join('\n').trimEnd()}\n`,
  };
}

test('a night: outage, page, acknowledgement, runbook, incident, post-mortem, hand-over', { timeout: 600_000 }, async () => {
  const { scene, phone, say, markdown, text } = createTranscript();
  scene('00:00, the shift begins', 'Ana is on call. The briefing comes by itself.');
  await night.pass(1);
  phone();
  await say(ANA, 'aceito');
  await say(ANA, 'status do sistema');

  await night.pass(161);
  phone();
  scene(
    '02:43, nothing comes any more',
    'The acquirer is down: not one transaction. The page is three lines for a locked screen, and says what to do.',
  );
  await night.pass(3, []);
  phone();
  await say(ANA, 'alertas');
  await say(ANA, 'ack 1');
  await say(ANA, 'por quê');
  scene('The runbook', 'The code of the alert `1r` runs the runbook that is suggested for it. Its file asks for a confirmation.');
  const asked = await say(ANA, '1r');
  await say(ANA, /"(confirmar \S+)"/.exec(asked)?.[1] ?? 'confirmar');
  scene(
    'The incident',
    'An incident that is opened from the chat takes the alert that is talked about. Alerts, acknowledgements and runs write its timeline.',
  );
  await say(ANA, 'incidente API sem transações');
  await say(ANA, 'incidente 1 meu');
  await say(ANA, 'incidente 1 nota adquirente reiniciou às 02:47');
  scene('It is over', 'Traffic comes back, the alert resolves by itself, and Ana resolves the incident.');
  await night.pass(12);
  phone();
  await say(ANA, 'status');
  await say(ANA, 'incidente 1 resolvido');
  scene('The post-mortem', '`guardian incident export inc-1` drafts it from the timeline.');
  const { database, clock } = night.chat;
  const time = { now: () => clock.at, monotonic: () => clock.at };
  const incidents = createIncidentService({ database, clock: time, act: createAct({ database, clock: time }), timeZone: ZONE });
  const detail = await incidents.read(1, 'pt-BR');
  markdown(postMortem(detail ?? assert.fail('there is no incident'), 'pt-BR', ZONE));
  scene('08:00, the hand-over', 'Bob takes over. He writes English.');
  await night.pass(480 - 176);
  phone();
  await say(BOB, 'accept');
  await night.pass(1);
  phone();
  await say(BOB, 'anomalies since midnight');

  const page = `${INTRODUCTION}\n${text()}`;
  if (process.env['GUARDIAN_WRITE_DOCS'] === '1') writeFileSync(PAGE, page);
  assert.equal(page, readFileSync(PAGE, 'utf8'), `docs/a-night.md is not what the program says; run: ${WRITE}`);
});

const INTRODUCTION = `# A night

A night shift in fast time: the detector, the alert stage, the chat, runbooks, incidents and briefings as they ship, with invented traffic of 1,247 transactions a minute and a clock that a test moves. Written by \`test/night/a-night.test.ts\`, which fails when this page is not what the program says; the code of a confirmation is always shown as \`7K3M9QXA\`.
`;
