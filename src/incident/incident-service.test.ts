import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createAct } from '../auth/act.ts';
import { isGuardianError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { openTestDatabase } from '../store/test-database.ts';
import { listAudit } from '../store/verbs/audit/list-audit.ts';
import { createIncidentService, type IncidentService } from './incident-service.ts';
import { createMirror, type MirrorBody } from './mirror.ts';
import { postMortem } from './post-mortem.ts';
import { CLEAR, fingerprint, person, putAlert, START } from './test-incident.ts';

let database: Database;
let incidents: IncidentService;
const clock = { at: 0, now: () => clock.at, monotonic: () => 0 };

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
beforeEach(async () => {
  await database.exec(CLEAR);
  clock.at = START + 120_000;
  incidents = createIncidentService({ database, clock, act: createAct({ database, clock }), timeZone: 'America/Sao_Paulo' });
});

const read = async (number: number) => {
  const detail = await incidents.read(number, 'pt-BR');
  assert.ok(detail);
  return detail;
};

test('who takes an incident up owns it, and the audit has each step', async () => {
  await incidents.open(person('ana'), { title: 'API lenta' });
  assert.deepEqual(await incidents.change(person('bia'), 1, { owner: 'me' }), { kind: 'done', number: 1 });
  const { incident, timeline } = await read(1);
  assert.equal(incident.owner?.id, 'bia');
  assert.equal(incident.state, 'triaged');
  assert.deepEqual(
    timeline.map(({ text }) => text),
    ['ana abriu o incidente, P3: API lenta', 'Responsável: bia', 'bia: detectado → triado'],
  );
  assert.deepEqual(
    (await listAudit(database)).items.map(({ verb, result, actor }) => [verb, result, actor.id]),
    [
      ['incident.change', 'done', 'bia'],
      ['incident.open', 'done', 'ana'],
    ],
  );
});

test('the same change again changes nothing', async () => {
  await incidents.open(person('ana'), { title: 'x' });
  await incidents.change(person('ana'), 1, { state: 'responding', owner: 'me' });
  const before = await read(1);
  clock.at += 1000;
  await incidents.change(person('ana'), 1, { state: 'responding', owner: 'me' });
  assert.deepEqual(await read(1), before);
  assert.equal((await listAudit(database)).items[0]?.result, 'unchanged');
});

test('a resolved incident can be opened again, and never skips back', async () => {
  await incidents.open(person('ana'), { title: 'x' });
  await incidents.change(person('ana'), 1, { state: 'resolved' });
  assert.equal((await read(1)).incident.times.to_resolve_s, 0);
  assert.deepEqual(await incidents.change(person('ana'), 1, { state: 'detected' }), {
    kind: 'transition',
    from: 'resolved',
    to: 'detected',
  });
  await incidents.change(person('ana'), 1, { state: 'responding' });
  assert.equal((await read(1)).incident.resolved_at, null);
  assert.deepEqual(await incidents.change(person('ana'), 9, { state: 'resolved' }), { kind: 'unknown' });
});

test('an alert has one incident, and a viewer opens none', async () => {
  await putAlert(database, 'a', { begins: 0 });
  await incidents.open(person('ana'), { title: 'one', alerts: [fingerprint('a')] });
  const second = await incidents.open(person('ana'), { title: 'two', alerts: [fingerprint('a')] });
  assert.deepEqual(second, { kind: 'taken_alert', fingerprint: fingerprint('a'), incident: 'inc-1' });
  const unknown = await incidents.open(person('ana'), { title: 'two', alerts: ['0123456789abcdef'] });
  assert.deepEqual(unknown, { kind: 'unknown_alert', fingerprint: '0123456789abcdef' });
  await assert.rejects(incidents.open(person('eva', 'viewer'), { title: 'no' }), (error) => isGuardianError(error, 'AUTH_ROLE'));
  assert.equal((await incidents.list({}, {}, 'en')).items.length, 1);
});

test('the post-mortem tells the whole story, and what people wrote is no markup', async () => {
  await putAlert(database, 'a', { begins: 0, lost: 250, ends: 30 });
  await incidents.open(person('ana'), { title: 'Down <script>*now*', alerts: [fingerprint('a')] });
  await incidents.note(person('ana'), 1, 'acquirer called\n# not a heading');
  clock.at += 600_000;
  await incidents.change(person('ana'), 1, { state: 'resolved' });
  const draft = postMortem(await read(1), 'en', 'UTC');
  assert.match(draft, /^# Post-mortem inc-1: Down \\<script\\>\\\*now\\\*$/m);
  assert.match(draft, /250 approved transactions lost, ~R\$2\.5K/);
  assert.match(draft, /\| First bad minute to detection \| 2 min \|/);
  assert.match(draft, /\| First bad minute to resolution \| 12 min \|/);
  assert.match(draft, /acquirer called · \\# not a heading$/m);
});

test('what an incident without an alert does not have has not come yet while it is open, and never will when it is resolved', async () => {
  await incidents.open(person('ana'), { title: 'x' });
  assert.match(postMortem(await read(1), 'en', 'UTC'), /\| First bad minute to detection \| not yet \|/);
  await incidents.change(person('ana'), 1, { state: 'resolved' });
  assert.match(postMortem(await read(1), 'en', 'UTC'), /\| First bad minute to detection \| none \|/);
});

test('the tracker gets each incident as it is until it takes it, and again when it changes', async () => {
  const sent: [string, MirrorBody['event'], string][] = [];
  let answer: string | null = 'HTTP 503';
  const post = async (id: string, { event, incident }: MirrorBody): Promise<string | null> => {
    sent.push([id, event, incident.state]);
    return answer;
  };
  const mirror = createMirror({ database, clock, post }, { locale: 'en' });
  const look = () => mirror(new AbortController().signal);
  await incidents.open(person('ana'), { title: 'x' });
  await look();
  await look();
  assert.deepEqual(sent, [['inc-1.1', 'create', 'detected']]);
  clock.at += 1000;
  answer = null;
  await look();
  await look();
  assert.equal(sent.length, 2);
  await incidents.change(person('ana'), 1, { state: 'resolved' });
  await look();
  assert.deepEqual(sent.at(-1), ['inc-1.2', 'close', 'resolved']);
});
