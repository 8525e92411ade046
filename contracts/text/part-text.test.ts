import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureFact, type HealthCode, type HealthFact, type HealthFacts } from '../health-reason.ts';
import { detailOf, partText } from './part-text.ts';
import { reasonText } from './text.ts';

const message = 'E_OTHER_SIDE';

/** One of each: a new fact does not compile before it is here. */
const FACTS: HealthFacts = {
  part_alerts_behind: { receiver: 'ops', alerts: 2 },
  part_alerts_held: {},
  part_behind: { until: '2026-11-22T03:00:00Z', minutes: 12 },
  part_behind_all: { minutes: 12 },
  part_breaker_half_open: {},
  part_breaker_open: {},
  part_clients: { clients: 1 },
  part_left_over: {},
  part_no_report: { seconds: 5 },
  part_over_cap: { used: 12, most: 10 },
  part_page_times: { half: 3, most: 9, alerts: 4 },
  part_pipeline_restarting: {},
  part_pipeline_starting: {},
  part_process_ends: { ends: 3, end: 'exit code 1' },
  part_process_restarting: { end: 'SIGKILL' },
  part_proof_age: { receiver: 'ops', seconds: 62 },
  part_proof_never: { receiver: 'ops' },
  part_receiver_failing: { receiver: 'ops', since: '2026-11-22T03:00:00Z' },
  part_redis_connecting: {},
  part_removed_early: { removed: 9, before: '2026-11-22T03:00:00Z', at: '2026-11-22T04:00:00Z' },
  part_role_missing: { role: 'detect' },
  part_role_quiet: { role: 'detect', seconds: 5 },
  part_role_stale: { role: 'detect', seconds: 31 },
  part_role_starting: { role: 'detect' },
  part_shard_behind: { seconds: 12 },
  part_shard_catching_up: {},
  part_shard_ended: {},
  part_shard_losses: { losses: 1 },
  part_shard_restarting: {},
  part_shard_silent: {},
  part_shard_starting: {},
  part_silence_differs: { receiver: 'am', silence: 'si_1' },
  part_spooled: { records: 1, bytes: 20, most: 100, seconds: 7 },
  part_standstill: { seconds: 61 },
  part_tracker: {},
  part_unknown: {},
  part_unproven: {},
  self_disk_filling: { hours: 2, free: 900 },
  self_disk_full: { free: 10, needed: 20 },
  self_disk_low: { free: 10 },
  self_ended: { reason: 'exit code 1' },
  self_failing: { part: 'window' },
  self_hang: {},
  self_killed: {},
  self_engines_away: { seconds: 32 },
  self_log_away: { seconds: 31 },
  self_store_away: { seconds: 33 },
  self_role_missing: { role: 'detect', seconds: 31 },
  self_shard: { shard: 2 },
  self_start_failed: { failure: 'failure_corrupt', message },
  self_starting: {},
  self_unfinished: { part: 'outbox-relay' },
  failure_certificate: { message },
  failure_corrupt: { message },
  failure_disk_full: { message },
  failure_http: { message, status: 503 },
  failure_log: { message },
  failure_log_full: { message },
  failure_message: { message },
  failure_no_answer: { message },
  failure_no_host: { message },
  failure_not_allowed: { message },
  failure_not_sayable: { message },
  failure_redis: { message },
  failure_refused: { message },
  failure_reset: { message },
  failure_starting: { message },
  failure_store: { message },
  failure_store_refused: { message },
  failure_unreachable: { message },
};
const facts = (Object.keys(FACTS) as HealthCode[]).map((code) => ({ code, params: FACTS[code] }) as HealthFact);
/** Names of things and of states that are the same in both languages. */
const SAME = new Set<HealthCode>(['part_clients']);

test('every fact about a part has a sentence of its own in both languages, without an open place', () => {
  for (const fact of facts) {
    const [portuguese, english] = [reasonText('pt-BR', fact), reasonText('en', fact)];
    for (const sentence of [portuguese, english]) {
      assert.notEqual(sentence, fact.code);
      assert.doesNotMatch(sentence, /[{}]|failure_/, sentence);
    }
    if (!SAME.has(fact.code)) assert.notEqual(portuguese, english, fact.code);
    assert.doesNotMatch(portuguese, /(?<!\p{L})(?:the|is|are|not|with|of|exit code|outbox-relay)(?!\p{L})/u, portuguese);
  }
});

test('a part in Portuguese has no English in it but what the other side said, and programs get that word for word', () => {
  const check = {
    status: 'degraded' as const,
    reasons: [
      { code: 'part_receiver_failing' as const, params: FACTS.part_receiver_failing, cause: failureFact('HTTP 503: try later') },
      { code: 'part_silence_differs' as const, params: FACTS.part_silence_differs, cause: failureFact('quota exceeded') },
    ],
  };
  assert.equal(
    partText('pt-BR', 'alertmanager', check),
    'Alertmanager: degradado (ops falha desde 22/11/2026, 00:00: resposta HTTP 503; am: o silêncio si_1 difere do daqui: erro: “quota exceeded”)',
  );
  assert.equal(
    detailOf(check),
    'ops fails since 2026-11-22T03:00:00Z: HTTP 503: try later; am: the silence si_1 differs from that here: quota exceeded',
  );
});

test('what operating systems, TLS and fetch say is recognised as the same few failures', () => {
  const said = {
    ECONNREFUSED: 'failure_refused',
    'connect ECONNREFUSED 127.0.0.1:9': 'failure_refused',
    'no answer within 10 s': 'failure_no_answer',
    UND_ERR_CONNECT_TIMEOUT: 'failure_no_answer',
    'getaddrinfo ENOTFOUND hooks.example': 'failure_no_host',
    EHOSTUNREACH: 'failure_unreachable',
    'read ECONNRESET': 'failure_reset',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'failure_certificate',
    CERT_HAS_EXPIRED: 'failure_certificate',
    'HTTP 401: invalid_auth': 'failure_http',
    'ENOSPC: no space left on device, write': 'failure_disk_full',
    'something else': 'failure_message',
  };
  for (const [text, code] of Object.entries(said))
    assert.deepEqual([failureFact(text).code, failureFact(text).params.message], [code, text]);
});

test('a part that this version does not know keeps its name, and an older server its English sentence', () => {
  assert.equal(partText('pt-BR', 'flux', { status: 'down', detail: 'closed' }), 'flux: fora do ar (closed)');
  assert.equal(partText('pt-BR', 'receiver:ops', { status: 'ok' }), 'destinatário ops: ok');
});
