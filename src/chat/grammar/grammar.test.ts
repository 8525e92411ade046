import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ACTS, type Command } from './command.ts';
import { METRIC_IDS, METRIC_NAMES } from './metric-names.ts';
import { PHRASES } from './phrases.ts';
import { linesOf, readLine } from './read-line.ts';
import { suggestionsFor } from './suggest.ts';

const meaning = (line: string): Command | null => readLine(line).command;
const verbOf = (line: string): string => meaning(line)?.verb ?? 'nothing';

/** The phrases of the contract (10.4 and 10.6) and others of the same kind, in both languages. */
const VERBS: Readonly<Record<string, readonly string[]>> = {
  status: [
    'status',
    'status do sistema',
    'como está o sistema',
    'como está o sistema?',
    'health check',
    'Status!',
    'STATUS',
    'how is the system?',
  ],
  alerts: ['alertas', 'mostra alertas', 'mostre os alertas ativos', 'alerts', 'problemas', 'tem algum problema?', 'show alerts'],
  anomalies: ['anomalias', 'anomalias última hora', 'anomalias últimas 2 horas', 'anomalias últimas 24h', 'anomalies last night'],
  metric: [
    'taxa de aprovação',
    'métricas volume',
    'qual é a taxa de aprovação agora?',
    'latência da API',
    'approval rate',
    'valor perdido',
  ],
  metrics: ['métricas', 'metrics', 'quais métricas?'],
  runbook: [
    'runbook restart-api',
    'executar runbook restart-api',
    'executar restart-api',
    'executa o runbook dele',
    'run runbook clear-cache',
    '1r',
  ],
  runbooks: ['runbook', 'runbooks', 'listar runbooks', 'list runbooks'],
  incident: ['incidente API lenta', 'abrir incidente API lenta', 'incident slow API'],
  briefing: ['briefing', 'resumo do turno', 'shift handover'],
  help: ['ajuda', 'help', '?', '/start', 'comandos'],
  ack: ['ack', 'ack 1', '1a', 'reconhecer o 2', 'ack tudo', 'acknowledge 1 and 3'],
  snooze: ['soneca 15m', 'soneca 1h', 'soneca até o fim do turno', 'snooze 2 for 1h', '2s'],
  silence: ['silenciar lojista m-1 por 2h', 'silence merchant m-1 for 30 min'],
  silences: ['silêncios', 'silences'],
  oncall: ['plantão', 'quem está de plantão?', 'escala', 'who is on call?'],
  incident_figures: [
    'mttr',
    'qual o MTTR?',
    'MTBF dos últimos 7 dias',
    'tempos dos incidentes',
    'métricas dos incidentes esta semana',
    'tempo médio de resolução',
    'incident times yesterday',
    'mean time between failures',
  ],
  escalate: ['escalar', 'escalar 1', 'escalate 2'],
  undo: ['desfazer ack', 'desfazer ack 1', 'undo ack 2', 'unack 1', 'soltar 1', 'cancelar soneca 1', 'unsnooze 2', 'undo the snooze'],
  end_silence: [
    'encerrar silêncio',
    'encerrar silêncio 2',
    'encerra o silêncio 1',
    'end silence 1',
    'end the silence',
    'unmute 1',
    'end silence si_1f2e3d4c5b6a',
  ],
  incident_details: ['incidente 3', 'incident 3', 'inc-3', 'ver incidente 3', 'show incident #3'],
  incident_change: [
    ...['incidente 3 P1', 'incidente 3 prioridade p2', 'incidente 3 resolvido', 'incidente 3 está em resposta', 'incidente 3 meu'],
    ...['resolver incidente 3', 'assumo o incidente 3', 'inc-3 sem dono', 'incidente 3 título API fora', 'reopen incident 3'],
    ...['incident 3 resolved', 'incident 3 mine', 'incident 3 is now P1', 'close the incident 3', 'take inc-3'],
  ],
  incident_note: ['incidente 3 nota liguei', 'inc-3 nota: liguei, nada', 'incident 3 note called them'],
  incident_unclear: ['incidente 3 adquirentes fora', 'incidente 3 resolvdo', 'incident 3 p9'],
  demote: ['rebaixar 3f9a21c7', 'demote 3f9a21c7', 'rebaixar a causa 3F9A21C7'],
  accept: [
    'aceito',
    'Aceito!',
    'aceitar briefing',
    'aceito o turno',
    'assumo o turno',
    'accept',
    'accept the shift',
    'aceitar briefing night-2026-11-28-start',
  ],
  why: ['por quê 1', 'por que o 2?', 'why 1', 'porquê'.normalize('NFD')],
  awake: ['estou acordado', 'Estou acordada', "I'm awake"],
  verdict: ['útil', 'ruído', 'útil 2', 'aceitar nível', 'useful 1', 'accept level'],
  details: ['detalhes do 2', 'details of 2', '2', 'mostra o 2'],
  follow: ['e a do merchant X?', 'e ontem?', 'e o volume?', 'what about yesterday?', 'and for merchant X?'],
  more: ['mais', 'more'],
};

for (const [verb, lines] of Object.entries(VERBS)) {
  test(`${verb}: ${lines.join(' | ')}`, () => {
    assert.deepEqual(
      lines.map((line) => [line, verbOf(line)]),
      lines.map((line) => [line, verb]),
    );
  });
}

test('a slash, a mention of the bot, accents and case change nothing', () => {
  const variants = (line: string) => [
    `/${line}`,
    `@guardian_bot ${line}`,
    `/${line.replace(' ', '@guardian_bot ')}`,
    line.toUpperCase(),
    line.normalize('NFD'),
  ];
  for (const line of ['anomalias últimas 2 horas', 'taxa de aprovação', 'ack 1'])
    for (const variant of variants(line)) assert.deepEqual(meaning(variant), meaning(line), variant);
});

test('a name keeps its case and its characters', () => {
  assert.deepEqual(meaning('taxa de aprovação do lojista Loja-9 ontem'), {
    verb: 'metric',
    metric: 'approval_rate',
    slice: { of: 'merchant_id', name: 'Loja-9' },
    period: { kind: 'day', back: 1 },
  });
  assert.deepEqual(meaning('volume do lojista "Casa do Pão, hoje"'), {
    verb: 'metric',
    metric: 'volume',
    slice: { of: 'merchant_id', name: 'Casa do Pão, hoje' },
  });
  assert.deepEqual(meaning('negadas no código 51'), { verb: 'metric', metric: 'denied', slice: { of: 'auth_code', name: '51' } });
});

test('a word that is not understood changes the question, so there is no answer to it', () => {
  for (const line of [
    'status de ontem',
    'anomalias do João',
    'alertas exceto críticos',
    'não ack 1',
    'anomalias entre 25h e 26h',
    'posso dar ack no 1',
  ])
    assert.equal(meaning(line), null, line);
});

const READS = [
  ...Object.values(PHRASES).flat(),
  ...METRIC_IDS.flatMap((id) => METRIC_NAMES[id]),
  'anomalias ultimas 2 horas',
  'anomalias ontem',
];
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');

/** A word with a letter less, more, other, or two swapped: each way there is. */
function* editsOf(word: string): Generator<string> {
  for (let at = 0; at < word.length; at++) {
    const [before, rest] = [word.slice(0, at), word.slice(at)];
    yield before + rest.slice(1);
    yield before + (rest[1] ?? '') + (rest[0] ?? '') + rest.slice(2);
    for (const letter of LETTERS) {
      yield before + letter + rest;
      yield before + letter + rest.slice(1);
    }
  }
  for (const letter of LETTERS) yield word + letter;
}

/** A line with one typing error: each there is. */
function* mistyped(line: string): Generator<string> {
  const words = line.split(' ');
  for (const [at, word] of words.entries()) for (const edit of editsOf(word)) yield words.with(at, edit).join(' ');
}

test('no typing error turns a question into an act', () => {
  const acts = new Set<string>();
  for (const line of new Set(READS.flatMap((read) => Array.from(mistyped(read))))) {
    const { command } = readLine(line);
    if (command !== null && ACTS.has(command.verb)) acts.add(line);
  }
  // What is an act as it stands was not guessed.
  const asItStands = /^(?:(?:runbook|run|executar|rodar) \S+|escalar|util|ruido|aceito|accept)$/;
  assert.deepEqual(
    Array.from(acts).filter((line) => !asItStands.test(line)),
    [],
  );
});

test('the briefing that is asked for with a wrong letter resumes no run', () => {
  for (const line of ['resume', 'resume turno']) assert.notEqual(readLine(line).command?.verb, 'resume_run', line);
  assert.equal(verbOf('resume runbook'), 'resume_run');
});

test('a description that may be a question with a letter missing opens nothing', () => {
  assert.equal(verbOf('incidente abertos'), 'incidents');
  assert.equal(meaning('incidente resolvidos'), null);
  assert.equal(meaning('runbook disponiveis'), null);
  assert.equal(verbOf('incidente alertas abertos demais'), 'incident');
});

test('an act that is written wrong is never done, and is suggested', () => {
  for (const [line, wanted] of [
    ['acks 1', 'ack 1'],
    ['escalr 2', 'escalar 2'],
    ['sonecas 15m', 'soneca 15m'],
    ['runbok restart-api', 'runbook restart-api'],
    ['silnciar lojista M-1 por 1h', 'silenciar lojista M-1 por 1h'],
    ['estou acordadu', 'estou acordado'],
    ['desfzer ack 1', 'desfazer ack 1'],
    ['encerar silencio 2', 'encerrar silencio 2'],
    ['aceitto', 'aceito'],
    ['rebaixr 3f9a21c7', 'rebaixar 3f9a21c7'],
  ] as const) {
    assert.equal(meaning(line), null, line);
    assert.equal(suggestionsFor(line, ['status'])[0], wanted);
  }
});

test('a letter too many, too few, wrong or swapped is forgiven in questions', () => {
  const forgiven = {
    statsu: 'status',
    alrtas: 'alerts',
    'anomalis ultima ora': 'anomalies',
    'taxa de aprovasão': 'metric',
    brieffing: 'briefing',
    ajdua: 'help',
    'por qe 1': 'why',
    'wy 1': 'why',
  };
  assert.deepEqual(Object.fromEntries(Object.keys(forgiven).map((line) => [line, verbOf(line)])), forgiven);
  for (const phrase of ['alertas', 'anomalias', 'metricas', 'briefing', 'runbooks'])
    for (const line of mistyped(phrase)) {
      const verb = verbOf(line);
      assert.ok(verb === verbOf(phrase) || line.length < 4 || verb === 'runbook', `${line}: ${verb}`);
    }
});

test('every phrase that the grammar has is read as what it is a phrase of', () => {
  for (const [verb, phrases] of Object.entries(PHRASES)) for (const phrase of phrases) assert.equal(verbOf(phrase), verb, phrase);
  for (const metric of METRIC_IDS)
    for (const name of METRIC_NAMES[metric]) assert.deepEqual(meaning(name), { verb: 'metric', metric }, name);
});

test('what is not understood gets the nearest examples', () => {
  const examples = ['status do sistema', 'alertas', 'anomalias última hora', 'taxa de aprovação'];
  assert.deepEqual(suggestionsFor('taxa de aprovacoes do mes', examples)[0], 'taxa de aprovação');
  assert.deepEqual(suggestionsFor('xyz', examples), examples.slice(0, 3));
});

test('any text is read without failing, and quickly', () => {
  const anything = fc.oneof(
    fc.string({ maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.string({ unit: fc.constantFrom('ack', ' ', '1', 'lojista', '\u202e', '*', '_', '`', '"', '/', '@', 'é') }),
  );
  fc.assert(
    fc.property(anything, (text) => {
      readLine(text);
      for (const line of linesOf(text)) readLine(line);
      suggestionsFor(text, ['status', 'alertas']);
    }),
    { numRuns: 2000 },
  );
  // Time of the processor: what else the machine does is of no account.
  const before = process.cpuUsage().user;
  for (const text of [
    'a'.repeat(100_000),
    'status '.repeat(15_000),
    '\u202e'.repeat(100_000),
    '"'.repeat(100_000),
    '/@'.repeat(50_000),
    '1,'.repeat(50_000),
  ]) {
    readLine(text);
    readLine(text.slice(0, 1000));
    suggestionsFor(text, ['status']);
  }
  assert.ok(process.cpuUsage().user - before < 5_000_000);
});

test('marks that change the direction of text do not hide a word', () => {
  assert.equal(verbOf('\u200fstatus\u200e'), 'status');
  assert.deepEqual(meaning('volume do lojista \u202eevil'), {
    verb: 'metric',
    metric: 'volume',
    slice: { of: 'merchant_id', name: 'evil' },
  });
});

test('a question never acts, whatever it is about', () => {
  const asked = [
    'ack 1?',
    'ruído?',
    'aceito?',
    'escalar ?',
    'incidente API lenta?',
    'link 1 ?!',
    'encerrar silêncio 1？',
    'confirmar 7K3M9QXA?',
  ];
  for (const line of asked) assert.equal(meaning(line), null, line);
  for (const line of ['incidente 3 resolvido?', 'incidente 3 é meu?', 'incident 3 closed?', 'incidente 3 P1?'])
    assert.deepEqual(meaning(line), { verb: 'incident_details', number: 3 }, line);
  assert.deepEqual(meaning('incidente 3 nota a cielo voltou?'), { verb: 'incident_note', number: 3, text: 'a cielo voltou?' });
  assert.equal(verbOf('incidente "cadê o pix?"'), 'incident');
});

test('what only says which incident is meant, or asks, opens none', () => {
  for (const line of ['incidente aberto', 'incidente aberto?', 'incidente em andamento', 'incident open', 'incidente ainda aberto'])
    assert.equal(verbOf(line), 'incidents', line);
  const vague = [
    'incidente de ontem',
    'incidente resolvido',
    'incidente novo',
    'incident resolved',
    'incidente de quem',
    'incidente ontem',
  ];
  for (const line of [...vague, 'incidente quem abriu', 'incidente tem algum aberto', 'incident who opened it'])
    assert.equal(meaning(line), null, line);
  assert.deepEqual(meaning('abrir incidente ontem'), { verb: 'incident', text: 'ontem' });
  assert.equal(verbOf('incidente checkout aberto para todos'), 'incident');
});

test('until a time of day is that time, not as many hours', () => {
  for (const line of ['soneca 1 até às 6h', 'soneca 1 até 6h', 'snooze 1 until 6am', 'soneca 1 até as 06:00', 'snooze 1 till 6:00'])
    assert.deepEqual(meaning(line), { verb: 'snooze', of: { kind: 'numbers', numbers: [1] }, length: { until: 360 } }, line);
  assert.deepEqual(meaning('silenciar lojista m-1 até meia-noite'), { verb: 'silence', scope: 'lojista m-1', length: { until: 0 } });
  const minutes = {
    'soneca 1h30': 90,
    'soneca 2 horas e meia': 150,
    'soneca de 10 minutos': 10,
    'soneca hora e meia': 90,
    'soneca por 2h15min': 135,
  };
  for (const [line, length] of Object.entries(minutes))
    assert.deepEqual(meaning(line), { verb: 'snooze', of: { kind: 'it' }, length: { minutes: length } }, line);
  assert.equal(meaning('soneca até amanhã 6h'), null);
});

test('the entry of a snooze may stand behind its length', () => {
  for (const line of ['soneca 1h no 2', 'soneca 1h do alerta 2', 'snooze 1h on 2', 'soneca 2 1h'])
    assert.deepEqual(meaning(line), { verb: 'snooze', of: { kind: 'numbers', numbers: [2] }, length: { minutes: 60 } }, line);
  assert.deepEqual(meaning('soneca até 6h no 2'), { verb: 'snooze', of: { kind: 'numbers', numbers: [2] }, length: { until: 360 } });
  for (const line of ['soneca 2 no 1', 'soneca 1h no lojista 2']) assert.equal(meaning(line), null, line);
});

test('no act is suggested but the one that was written', () => {
  assert.deepEqual(suggestionsFor('ack 1?', ['status']), ['ack 1']);
  assert.deepEqual(suggestionsFor('incidente de ontem', ['status']), ['abrir incidente de ontem']);
  assert.deepEqual(suggestionsFor('o que eu preciso saber', ['por quê 1', 'status']), ['por quê 1', 'status']);
});

test('a word that looks like "code", or more than one merchant, is no name', () => {
  for (const line of ['pode deixar', 'onde agora', 'lojistas com problemas graves']) assert.equal(meaning(line), null, line);
});

test('questions as a night shift types them', () => {
  const typed: Readonly<Record<string, readonly string[]>> = {
    status: ['tá no ar?', 'o sistema ta de pé?', 'caiu alguma coisa?', 'o que ta rolando', 'tudo tranquilo', 'ta td ok'],
    alerts: ['tem algum alerta aberto agora', 'quais lojistas estão com problema'],
    anomalies: ['o que aconteceu essa madrugada', 'what happened last night', 'anomalias de 22h às 2h', 'anomalias dia 28'],
    metric: [
      'como ta o volume',
      'volume caiu?',
      'tx de aprovação',
      'qtas tx hoje',
      'a api ta lenta?',
      'quanto a gente ta perdendo',
      'vendas hoje',
    ],
    oncall: ['quem é o plantonista', 'quem entra depois', 'quem é o próximo?'],
    briefing: ['passa o turno'],
  };
  for (const [verb, lines] of Object.entries(typed)) for (const line of lines) assert.equal(verbOf(line), verb, line);
});

test('a name of several words needs no quotes where it is written as a name', () => {
  const nameIn = (line: string): unknown => {
    const read = meaning(line);
    return read !== null && 'slice' in read ? read.slice?.name : null;
  };
  assert.equal(nameIn('negadas do lojista São João ontem'), 'São João');
  assert.equal(nameIn('volume da loja Pão de Açúcar'), 'Pão de Açúcar');
  assert.equal(nameIn('volume do lojista José & Filhos hoje'), 'José & Filhos');
  assert.equal(nameIn('negadas do lojista 12345 ontem'), '12345');
  for (const line of ['negadas do lojista X exceto ontem', 'volume do lojista m-1 por favor não', 'anomalias exceto do lojista X'])
    assert.equal(meaning(line), null, line);
});

test('several questions in one line are lines of their own; acts never are', () => {
  assert.deepEqual(linesOf('status? e os alertas? e a taxa de aprovação?'), ['status', 'os alertas', 'a taxa de aprovação']);
  assert.deepEqual(linesOf('status, alertas e anomalias última hora'), ['status', 'alertas', 'anomalias última hora']);
  for (const line of [
    'status e ack 1',
    'alertas, ack tudo',
    'ack 1 e 2',
    'negadas do lojista "A e B"',
    'anomalias entre 14h e 16h',
    'status e xyz',
  ])
    assert.deepEqual(linesOf(line), [line]);
});
