import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createAct } from '../../src/auth/act.ts';
import { ZONE } from '../../src/detect/engine/test-traffic.ts';
import { createIncidentService } from '../../src/incident/incident-service.ts';
import { postMortem } from '../../src/incident/post-mortem.ts';
import { createNight, type Night } from './night.ts';
import { NIGHTS, type NightScript, type Writer } from './nights.ts';

const WRITE = 'GUARDIAN_WRITE_DOCS=1 node --test test/night/a-night.test.ts';

/** A transcript that grows as the night goes on. */
function createTranscript(night: Night) {
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
    async say(who: Writer, text: string): Promise<string> {
      night.wait(20);
      const { sender, conversation } = who;
      const answer = await night.chat.say(text, { sender, conversation });
      let told = answer.blocks.map((one) => one.text).join('\n');
      // A run that a busy machine takes longer for than an answer waits.
      while (told.includes('⏳')) {
        await delay(100);
        told = (await night.chat.say('progress', { sender, conversation })).blocks.map((one) => one.text).join('\n');
      }
      block(`${clock.format(night.chat.clock.at)} ${who.name}: ${text}\n\n${told}`);
      return told;
    },
    markdown: (text: string): void =>
      void lines.push('```markdown', text.replaceAll(fingerprint, '`75b9550532f766f3`').trimEnd(), '```', ''),
    text: (): string => `${lines.join('\n').trimEnd()}\n`,
  };
}

for (const script of NIGHTS)
  test(`${script.title}: outage, page, acknowledgement, runbook, incident, post-mortem, hand-over`, { timeout: 600_000 }, async (t) => {
    const night = await createNight(script.locale);
    t.after(() => night.close());
    const page = `${introductionOf(script)}\n${await play(night, script)}`;
    if (process.env['GUARDIAN_WRITE_DOCS'] === '1') writeFileSync(script.page, page);
    assert.equal(page, readFileSync(script.page, 'utf8'), `${script.page.pathname} is not what the program says; run: ${WRITE}`);
  });

/** Plays the night; the transcript. */
async function play(night: Night, { first, next, said, confirmation, locale, takesOver }: NightScript): Promise<string> {
  const { scene, phone, say, markdown, text } = createTranscript(night);
  scene('00:00, the shift begins', `${first.name} is on call. The briefing comes by itself.`);
  await night.pass(1);
  phone();
  await say(first, said.accept);
  await say(first, said.status);

  await night.pass(161);
  phone();
  scene(
    '02:43, nothing comes any more',
    'The acquirer is down: not one transaction. The page is three lines for a locked screen, and says what to do.',
  );
  await night.pass(3, []);
  phone();
  await say(first, said.alerts);
  await say(first, said.ack);
  await say(first, said.why);
  scene('The runbook', 'The code of the alert `1r` runs the runbook that is suggested for it. Its file asks for a confirmation.');
  const asked = await say(first, '1r');
  await say(first, confirmation.exec(asked)?.[1] ?? assert.fail(asked));
  scene(
    'The incident',
    'An incident that is opened from the chat takes the alert that is talked about. Alerts, acknowledgements and runs write its timeline.',
  );
  await say(first, said.incident);
  await say(first, said.mine);
  await say(first, said.note);
  scene('It is over', `Traffic comes back, the alert resolves by itself, and ${first.name} resolves the incident.`);
  await night.pass(12);
  phone();
  await say(first, said.statusAgain);
  await say(first, said.resolved);
  scene('The post-mortem', '`guardian incident export inc-1` drafts it from the timeline.');
  const { database, clock } = night.chat;
  const time = { now: () => clock.at, monotonic: () => clock.at };
  const incidents = createIncidentService({ database, clock: time, act: createAct({ database, clock: time }), timeZone: ZONE });
  const detail = await incidents.read(1, locale);
  markdown(postMortem(detail ?? assert.fail('there is no incident'), locale, ZONE));
  scene('08:00, the hand-over', takesOver);
  await night.pass(480 - 176);
  phone();
  await say(next, said.acceptNext);
  await night.pass(1);
  phone();
  await say(next, said.anomaliesNext);
  return text();
}

const introductionOf = ({ title }: NightScript): string => `# ${title}

A night shift in fast time: the detector, the alert stage, the chat, runbooks, incidents and briefings as they ship, with invented traffic of 1,247 transactions a minute and a clock that a test moves. Written by \`test/night/a-night.test.ts\`, which fails when this page is not what the program says; the code of a confirmation is always shown as \`7K3M9QXA\`.
`;
