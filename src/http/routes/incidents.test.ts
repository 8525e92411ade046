import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Incident, IncidentDetail, IncidentFiguresPage, IncidentPage } from '@transaction-guardian/contracts/incident.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { FastifyInstance } from 'fastify';
import { createAct } from '../../auth/act.ts';
import { createIncidentService } from '../../incident/incident-service.ts';
import { CLEAR, fingerprint, putAlert } from '../../incident/test-incident.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { createRequestLanguage } from '../request-language.ts';
import { createTestServer, NOW } from '../server-under-test.ts';
import { registerIncidentRoutes } from './incidents.ts';

let database: Database;
let app: FastifyInstance;
let cookie: string;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());
beforeEach(async () => {
  await database.exec(CLEAR);
  const clock = { now: () => NOW, monotonic: () => NOW };
  const incidents = createIncidentService({ database, clock, act: createAct({ database, clock }), timeZone: 'UTC' });
  const deps = { incidents, clock, timeZone: 'UTC', language: createRequestLanguage('en') };
  const server = await createTestServer({ deps: { routes: [(one) => registerIncidentRoutes(one, deps)] } });
  ({ app } = server);
  cookie = `guardian_session=${await server.sessions.exchange(server.sessions.mintLink())}`;
});

const send = (method: 'POST' | 'PATCH', url: string, payload: object, language = 'en') =>
  app.inject({ method, url, payload, headers: { host: 'localhost', origin: 'http://localhost', cookie, 'accept-language': language } });
const get = (url: string, language = 'en') => app.inject({ url, headers: { host: 'localhost', cookie, 'accept-language': language } });

test('an incident is opened, taken up, noted and resolved', async () => {
  await putAlert(database, 'a', { begins: 0 });
  const opened = await send('POST', '/incidents', { title: 'API lenta', alerts: [fingerprint('a')] });
  assert.equal(opened.statusCode, 201);
  assert.equal(opened.json<Incident>().priority, 'P1');
  assert.equal(opened.json<Incident>().alerts[0]?.summary, 'Denials above normal a');
  assert.equal((await send('PATCH', '/incidents/inc-1', { owner: 'me' })).json<Incident>().state, 'triaged');
  assert.equal((await send('POST', '/incidents/1/notes', { text: 'acquirer called' })).statusCode, 200);
  assert.equal((await send('PATCH', '/incidents/inc-1', { state: 'resolved' })).json<Incident>().state, 'resolved');
  const { timeline }: IncidentDetail = (await get('/incidents/inc-1', 'pt-BR')).json();
  assert.match(timeline[1]?.text ?? '', /^Alerta incluído: Negadas acima do normal a$/);
  assert.deepEqual(
    (await get('/incidents?state=resolved&priority=P1')).json<IncidentPage>().items.map(({ id }) => id),
    ['inc-1'],
  );
  assert.equal((await get('/incidents/figures')).json<IncidentFiguresPage>().items.at(-1)?.count, 1);
  const draft = await get('/incidents/inc-1/postmortem', 'pt-BR');
  assert.match(draft.headers['content-type'] ?? '', /^text\/markdown/);
  assert.match(draft.body, /## Linha do tempo/);
});

test('lists go page by page', async () => {
  for (const title of ['one', 'two', 'three']) await send('POST', '/incidents', { title });
  const first: IncidentPage = (await get('/incidents?limit=2')).json();
  assert.deepEqual(
    first.items.map(({ title }) => title),
    ['three', 'two'],
  );
  const second: IncidentPage = (await get(`/incidents?limit=2&cursor=${first.next_cursor}`)).json();
  assert.deepEqual(
    second.items.map(({ title }) => title),
    ['one'],
  );
  assert.equal(second.next_cursor, null);
});

test('bad input names the field and the rule, and changes nothing', async () => {
  const broken: [object, string, string][] = [
    [{}, 'title', 'required'],
    [{ title: '' }, 'title', 'empty'],
    [{ title: 'x', priority: 'P9' }, 'priority', 'enum'],
    [{ title: 'x', alerts: ['nope'] }, 'alerts', 'fingerprints'],
    [{ title: 'x', owner: 'me' }, 'owner', 'unknown_field'],
    [{ title: 'card 4111 1111 1111 1111' }, 'title', 'card_number'],
    [{ title: 'x', by: 'ana' }, 'by', 'unknown_field'],
  ];
  for (const [body, field, rule] of broken) {
    const answer = await send('POST', '/incidents', body);
    assert.equal(answer.statusCode, 422, JSON.stringify(body));
    assert.deepEqual(
      answer.json<Problem>().errors?.map((error) => [error.field, error.rule]),
      [[field, rule]],
    );
  }
  assert.deepEqual((await get('/incidents')).json<IncidentPage>().items, []);
});

test('what is not there is 404, what cannot be is 409, and says so in the language of the reader', async () => {
  assert.equal((await get('/incidents/inc-7')).json<Problem>().detail, 'No incident has the id inc-7.');
  assert.equal((await get('/incidents/none')).statusCode, 404);
  await send('POST', '/incidents', { title: 'x' });
  await send('PATCH', '/incidents/inc-1', { state: 'resolved' });
  const back = await send('PATCH', '/incidents/inc-1', { state: 'triaged' }, 'pt-BR');
  assert.equal(back.statusCode, 409);
  assert.equal(back.json<Problem>().detail, 'Um incidente resolvido não pode passar a triado.');
  const empty = await send('PATCH', '/incidents/inc-1', {});
  assert.equal(empty.json<Problem>().errors?.[0]?.rule, 'nothing_to_change');
});
