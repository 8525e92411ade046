import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MAX_ANSWER, type ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import type { Health, Stats } from '@transaction-guardian/contracts/stats.ts';
import { METRIC_NAMES } from '../../src/chat/grammar/metric-names.ts';
import { PHRASES } from '../../src/chat/grammar/phrases.ts';
import { runGuardian, startProduct, waitFor, type Product } from './product.ts';
import { incidentMinutes } from './traffic.ts';

const START = Date.parse('2026-03-10T12:00:00Z');
const NDJSON = { 'content-type': 'application/x-ndjson' };

const PORTUGUESE = `> status do sistema
🚨 Transaction Guardian Status
├── API: healthy (uptime …)
├── Transações/min: 115
├── Taxa aprovação: 70,7%
├── Anomalias (1h): 1
├── Alertas ativos: 1
├── ℹ️ Replay: o tráfego é de 10/03, 11:27
└── Último incidente: em andamento há 1h12 (anomalia crítica)

> mostra alertas
🚨 1 Alerta Ativo

🔴 Negadas acima do normal #1
├── Severidade: Crítico
├── Início: 10:15 (há 1 hora)
├── Perda: 1.868 aprovadas a menos
└── Descrição: …

ℹ️ Replay: o tráfego é de 10/03, 11:27

> anomalias última hora
🔍 Anomalias (última hora):

10:15 - Negadas acima do normal #1
├── Score ML: 1,00
├── Z-Score: 12,2
├── Status: Em aberto
└── Duração: 1h09

Total: 1 anomalia, ainda aberta

ℹ️ Replay: o tráfego é de 10/03, 11:27

> taxa de aprovação
📈 Taxa de aprovação
├── Agora: 70,7% (11:22–11:26)
├── Esperado: 94,4% (91,4–96,4%) ⚠️ abaixo do esperado
├── Última hora: 70,7% (mín 62,7%, máx 81,5%)
└── ▃▁▆▁▆▅▁█▁█▂▂▁▂█▃▆▇▁▅▆▃▇▂

ℹ️ Replay: o tráfego é de 10/03, 11:27

> briefing
📋 Briefing

📊 Últimas 8 horas:
├── Total TX: 17.590
├── Aprovadas: 83,0%
├── Anomalias: 1 (0 resolvidas)
├── Incidentes: 0 P1, 0 P2
├── Mensagens ao plantão: 0 (orçamento: 2)
└── ⚠️ Sem dados em 333 minutos do período

⚠️ Atenção:
└── 🚨 CRÍTICO: Negadas acima do normal · … · Desde 10:15

📋 Pendências:
└── 🚨 CRÍTICO: Negadas acima do normal

🩺 Sistema:
├── Detector em dia
└── Entrega de mensagens sem falhas

Bom turno! 🦞

ℹ️ Replay: o tráfego é de 10/03, 11:27`;

const ENGLISH = `> system status
🚨 Transaction Guardian Status
├── API: healthy (uptime …)
├── Transactions/min: 115
├── Approval rate: 70.7%
├── Anomalies (1h): 1
├── Active alerts: 1
├── ℹ️ Replay: the traffic is of 10 Mar, 11:27
└── Last incident: going on for 1h12 (critical anomaly)

> show alerts
🚨 1 Active Alert

🔴 Denials above normal #1
├── Severity: Critical
├── Started: 10:15 (1 hour ago)
├── Loss: 1,868 fewer approved
└── Description: …

ℹ️ Replay: the traffic is of 10 Mar, 11:27

> anomalies last hour
🔍 Anomalies (last hour):

10:15 - Denials above normal #1
├── ML score: 1.00
├── Z-score: 12.2
├── Status: Open
└── Duration: 1h09

Total: 1 anomaly, still open

ℹ️ Replay: the traffic is of 10 Mar, 11:27

> approval rate
📈 Approval rate
├── Now: 70.7% (11:22–11:26)
├── Expected: 94.4% (91.4–96.4%) ⚠️ below what was expected
├── Last hour: 70.7% (min 62.7%, max 81.5%)
└── ▃▁▆▁▆▅▁█▁█▂▂▁▂█▃▆▇▁▅▆▃▇▂

ℹ️ Replay: the traffic is of 10 Mar, 11:27`;

/** The figures that the machine or the judgement of the detector decides; a transcript is of the chat. */
const steady = (text: string): string =>
  text
    .replaceAll(/uptime [^)]*\)/g, 'uptime …)')
    .replaceAll(/(Descrição|Description): .+/g, '$1: …')
    .replaceAll(/( · )[^\n]+( · Desde \S+)/g, '$1…$2')
    // In a later year than that of the traffic its times name their year.
    .replaceAll(/(\d\d\/\d\d)\/2026, |(\d\d [A-Z][a-z]{2}) 2026, /g, '$1$2, ');
const phrasesOf = (transcript: string): string[] =>
  transcript.split('\n').flatMap((line) => (line.startsWith('> ') ? [line.slice(2)] : []));

interface Asked {
  readonly locale: string;
  readonly id?: string;
}

let sent = 0;
async function ask(product: Product, text: string, { locale, id = `m${++sent}` }: Asked): Promise<ChatAnswer> {
  const body = { channel: 'cli', sender: 'cli', conversation: locale, message_id: id, text };
  const response = await product.post('/chat', JSON.stringify(body), { 'accept-language': locale });
  assert.equal(response.status, 200, `${text}: ${await response.clone().text()}`);
  return (await response.json()) as ChatAnswer;
}

const LINES_A_MESSAGE = 10;
/** Phrases of acts in both languages, in an order in which each finds what it is about. */
const ACTS_PT = [
  ...['alertas', 'detalhes do 1', 'por quê 1', 'o 1', 'e ontem?', 'volume', 'e a do código 51?', 'e o volume?', 'ack 1', 'desfazer ack 1'],
  ...['reconhecer o 1', 'soltar 1', 'soneca 15m', 'cancelar soneca', 'soneca 1 por 1h', 'soneca até o fim do turno', '1s', 'escalar 1'],
  ...[
    'estou acordado',
    'silenciar 1 por 30m',
    'silêncios',
    'encerrar silêncio 1',
    'silenciar código 51 por 2h',
    'encerrar silêncio',
    'útil 1',
  ],
  ...['ruído 1', 'aceitar nível 1', 'incidente API lenta', 'incidentes', 'incidente 1', 'incidente 1 nota reiniciada', 'incidente 1 P2'],
  ...[
    'incidente 1 meu',
    'incidente 1 resolvido',
    'aceito',
    'link',
    'link 1',
    'runbook check-dependencies',
    'andamento',
    'confirmar 7K3M9QXA',
  ],
];
const ACTS_EN = [
  ...[
    'show alerts',
    'details of 1',
    'why 1',
    'what about yesterday?',
    'acknowledge 1',
    'undo ack 1',
    'snooze 2 for 1h',
    'snooze 1 for 15m',
  ],
  ...[
    'undo the snooze',
    'escalate 1',
    "I'm awake",
    'silence 1 for 30m',
    'silences',
    'end silence 1',
    'silence code 51 for 2h',
    'end the silence',
  ],
  ...[
    'useful 1',
    'noise 1',
    'accept level 1',
    'incident slow API',
    'incidents',
    'incident 2',
    'incident 2 note it is back',
    'incident 2 P1',
  ],
  ...[
    'incident 2 mine',
    'incident 2 resolved',
    'accept',
    'sign in',
    'run runbook check-dependencies',
    'progress',
    'confirm 7K3M9QXA',
    'more',
  ],
];
const PERIODS = [
  ...[
    'última hora',
    'últimas 2 horas',
    'últimas 24h',
    'hoje',
    'ontem',
    'desde 22h',
    'entre 14h e 16h',
    'esta madrugada',
    'semana passada',
    'sexta',
  ],
  ...[
    'last hour',
    'last 2 hours',
    'last 24h',
    'today',
    'yesterday',
    'since 10pm',
    'between 2pm and 4pm',
    'last night',
    'last week',
    'friday',
  ],
];

/** Every phrase of the grammar, as somebody who may act: understood, without a fault, within what a channel takes. */
async function askEveryPhrase(product: Product): Promise<void> {
  const phrases = [
    ...[...Object.values(PHRASES), ...Object.values(METRIC_NAMES)].flat(),
    ...PERIODS.flatMap((period) => [`anomalias ${period}`, `volume ${period}`]),
    ...ACTS_PT,
    ...ACTS_EN,
  ];
  for (let at = 0; at < phrases.length; at += LINES_A_MESSAGE) {
    const text = phrases.slice(at, at + LINES_A_MESSAGE).join('\n');
    const body = JSON.stringify({ channel: 'cli', sender: 'cli', conversation: 'phrases', message_id: `p${at}`, text });
    const response = await product.act('/chat', body);
    assert.equal(response.status, 200, `${text}: ${await response.clone().text()}`);
    const answer = (await response.json()) as ChatAnswer;
    const told = textOf(answer);
    assert.equal(answer.understood, undefined, `${text}\n\n${told}`);
    assert.ok(told.length <= MAX_ANSWER, `${text}: ${told.length} characters`);
    assert.doesNotMatch(told, /undefined|NaN|null|\{[a-z_]+(?::[^}]*)?\}|\[object/, text);
  }
}

const textOf = ({ blocks }: ChatAnswer): string => blocks.map(({ text }) => text).join('\n');

test('the phrases of the contract against the running product, in both languages, over kill -9', { timeout: 900_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'guardian-chat-'));
  let product = await startProduct(dataDir);
  t.after(async () => {
    await product.kill();
    await rm(dataDir, { recursive: true, force: true });
  });
  const lines = incidentMinutes({ start: START, minutes: 150, seed: 3, incidentMinutes: 200 });
  assert.equal((await product.post('/transactions/batch', lines.join('\n'), NDJSON)).status, 202);
  await waitFor(async () => {
    const stats = await product.get<Stats>('/stats');
    return stats.judged === 'current' && stats.active_alerts === 1 && stats.last_minute === '2026-03-10T14:26:00.000Z' ? true : undefined;
  });
  // A machine that is busy with other work makes a pipeline look as if it stood still.
  await waitFor(async () => ((await product.get<Health>('/health')).status === 'healthy' ? true : undefined));

  for (const [transcript, locale] of [
    [PORTUGUESE, 'pt-BR'],
    [ENGLISH, 'en'],
  ] as const) {
    const heard: string[] = [];
    for (const phrase of phrasesOf(transcript)) heard.push(`> ${phrase}\n${steady(textOf(await ask(product, phrase, { locale })))}`);
    assert.equal(heard.join('\n\n'), transcript);
  }
  const [chart] = (await ask(product, 'approval rate', { locale: 'en' })).attachments;
  assert.equal(
    Buffer.from(chart?.data ?? '', 'base64')
      .subarray(1, 4)
      .toString('latin1'),
    'PNG',
  );
  assert.match(textOf(await ask(product, 'ajuda', { locale: 'pt-BR' })), /^📖 Comandos\n├── status/);

  // A program of this machine that shows no token looks, and does not act.
  assert.match(textOf(await ask(product, 'incidente API lenta', { locale: 'pt-BR' })), /Você não tem permissão/);
  const guardian = async (text: string): Promise<string> => (await runGuardian(['chat', text, '--data_dir', dataDir])).output;
  assert.match(await guardian('incidente API lenta'), /^📝 Incidente inc-1 aberto, P3\n├── API lenta/);
  assert.match(await guardian('status do sistema'), /Último incidente: em andamento há \d+min \(inc-1, P3\)/);
  assert.match(await guardian('runbook check-dependencies'), /^🔄 Executando runbook: check-dependencies\n\n\[1\/3\] .*\.\.\. ✅/);
  assert.match(
    await guardian('runbook replay-dead-letters'),
    /^⚠️ Confirma o runbook replay-dead-letters\? Envie "confirmar [A-Z0-9]+" em até 120 segundos\./,
  );
  // Nobody confirms what would stop half-way: this process has nothing that would start it again.
  assert.match(await guardian('runbook restart-api'), /^❌ O runbook restart-api não pode rodar aqui: .*Nada foi executado\./);
  assert.match(await guardian('ack'), /^✅ Negadas acima do normal: reconhecido por /);

  const before = await ask(product, 'anomalias última hora', { locale: 'pt-BR', id: 'once' });
  await product.kill();
  product = await startProduct(dataDir);
  assert.deepEqual(
    await ask(product, 'anomalias última hora', { locale: 'pt-BR', id: 'once' }),
    before,
    'the same message, the same answer',
  );
  assert.match(
    textOf(await ask(product, 'detalhes do 1', { locale: 'pt-BR' })),
    /^🔴 Negadas acima do normal #1\n/,
    'what was talked about is kept',
  );
  assert.match(textOf(await ask(product, 'alertas', { locale: 'pt-BR' })), /👤 Com /);

  await askEveryPhrase(product);
});
