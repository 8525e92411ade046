import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Briefing } from '@transaction-guardian/contracts/briefing.ts';
import type { Problem } from '@transaction-guardian/contracts/problem.ts';
import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import type { FastifyInstance } from 'fastify';
import { createInhibit } from '../../alert/inhibit/inhibit.ts';
import { createAct } from '../../auth/act.ts';
import { createBriefingService } from '../../briefing/briefing-service.ts';
import { deliverPages } from '../../briefing/test-pages.ts';
import type { Database } from '../../store/database.ts';
import { openTestDatabase } from '../../store/test-database.ts';
import { createRequestLanguage } from '../request-language.ts';
import { CLI_HEADERS, createTestServer, NOW } from '../server-under-test.ts';
import { registerBriefingRoutes } from './briefings.ts';

let database: Database;
let app: FastifyInstance;

before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

beforeEach(async () => {
  await database.exec('truncate notification, silence, silence_hit, briefing, alert, feedback, act');
  const clock = { now: () => NOW, monotonic: () => NOW };
  const act = createAct({ database, clock });
  const holds = { inhibit: createInhibit([]), groupIntervalMs: 60_000 };
  const respond = { act, clock, holds, ackTimeoutMs: 0, timeZone: 'America/Sao_Paulo' };
  const briefings = createBriefingService({
    ...{ database, clock, act, respond, timeZone: respond.timeZone },
    gather: { pagesBudget: 2, shiftsAWeek: 7 },
    standing: async () => ({ lastMinute: null, judged: true }),
  });
  const deps = { briefings, timeZone: respond.timeZone, clock, language: createRequestLanguage('en') };
  ({ app } = await createTestServer({ deps: { routes: [(one) => registerBriefingRoutes(one, deps)] } }));
  await deliverPages(database, { n: 20, merchant: 'm-loud', until: NOW, severity: 'warning' });
});

const post = (cause: string, headers: object = CLI_HEADERS) =>
  app.inject({ method: 'POST', url: `/api/v1/briefings/now/demotions/${cause}`, headers: { ...headers } });
const proposed = async () => {
  const answer = await app.inject({ url: '/api/v1/briefings/now', headers: { host: 'localhost' } });
  return answer.json<Briefing>().facts.noise.demotions ?? [];
};

test('a cause that a briefing proposes is demoted for a week up to its severity, and is proposed no more', async () => {
  const [one] = await proposed();
  const answer = await post(one?.cause ?? '');
  assert.equal(answer.statusCode, 200, answer.body);
  const silence = answer.json<Silence>();
  assert.deepEqual(
    [silence.status, silence.max_severity, silence.ends_at, silence.matchers],
    ['active', 'warning', new Date(NOW + 7 * 86_400_000).toISOString(), one?.matchers],
  );
  assert.deepEqual(await proposed(), []);
  const again = await post(one?.cause ?? '');
  assert.deepEqual([again.statusCode, again.json<Problem>().code], [404, 'HTTP_NOT_FOUND'], 'no longer proposed');
  assert.equal((await database.query('select 1 from silence')).length, 1);
});

test('a cause that nobody proposed, one that is no cause, and a caller without a token are refused', async () => {
  const unknown = await post('00000000');
  assert.deepEqual([unknown.statusCode, unknown.json<Problem>().code], [404, 'HTTP_NOT_FOUND']);
  assert.equal((await post('m-loud')).statusCode, 400);
  assert.equal((await post((await proposed())[0]?.cause ?? '', { host: 'localhost' })).statusCode, 401);
  assert.equal((await database.query('select 1 from silence')).length, 0);
});
