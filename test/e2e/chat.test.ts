import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ChatAnswer } from '@transaction-guardian/contracts/chat.ts';
import type { Health, Stats } from '@transaction-guardian/contracts/stats.ts';
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
    .replaceAll(/( · )[^\n]+( · Desde \S+)/g, '$1…$2');
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
  assert.match(await guardian('runbook restart-api'), /^⚠️ O runbook restart-api não pode rodar aqui: .*Nada foi executado\./);
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
});
