import type { Question } from './command.ts';

/** Words that change nothing in a question. Acts are read without leaving any out. */
export const SMALL_WORDS: ReadonlySet<string> = new Set([
  ...['o', 'a', 'os', 'as', 'um', 'uma', 'de', 'do', 'da', 'dos', 'das', 'no', 'na', 'nos', 'nas', 'em', 'e', 'ao', 'pro', 'pra', 'para'],
  ...['por', 'favor', 'pfv', 'me', 'mim', 'mostra', 'mostre', 'mostrar', 'mostreme', 'ver', 'veja', 'lista', 'liste', 'listar', 'exibe'],
  ...[
    'exibir',
    'quero',
    'queria',
    'saber',
    'diga',
    'qual',
    'quais',
    'quanto',
    'quanta',
    'quantos',
    'quantas',
    'que',
    'esta',
    'estao',
    'qtd',
    'qtas',
    'qtos',
  ],
  ...['ta', 'tao', 'tem', 'ha', 'houve', 'teve', 'foi', 'foram', 'agora', 'atual', 'atuais', 'nosso', 'nossa', 'ai', 'the', 'of', 'for'],
  ...['is', 'are', 'was', 'were', 'whats', 'what', 'which', 'show', 'list', 'give', 'tell', 'get', 'see', 'me', 'to', 'please', 'pls'],
  ...['i', 'want', 'many', 'much', 'there', 'any', 'right', 'now', 'current', 'currently', 'our', 'in', 'on', 'at', 'an', 'do', 'does'],
]);

/** Questions without anything that goes with them. */
type Plain = Exclude<Question['verb'], 'metric' | 'follow' | 'details' | 'why' | 'incident_details' | 'incident_unclear'>;

/** What people write for each question: plain words, small words left out. */
export const PHRASES: Readonly<Record<Plain, readonly string[]>> = {
  status: [
    ...['status', 'status sistema', 'status geral', 'status geral sistema', 'status guardian', 'status transaction guardian', 'sistema'],
    ...['como sistema', 'como vai sistema', 'como vai', 'como', 'como anda', 'como anda sistema', 'como estamos', 'como vao coisas'],
    ...[
      'health check',
      'healthcheck',
      'health',
      'saude',
      'saude sistema',
      'situacao',
      'situacao sistema',
      'tudo bem',
      'tudo ok',
      'tudo certo',
    ],
    ...['ar', 'pe', 'sistema pe', 'sistema ar', 'tranquilo', 'tudo tranquilo', 'tudo paz', 'tudo normal', 'td bem', 'td ok', 'td certo'],
    ...[
      'pegando',
      'rolando',
      'pegando fogo',
      'alguma coisa pegando fogo',
      'alguma coisa pegando',
      'caiu alguma coisa',
      'alguma coisa caiu',
    ],
    ...['system status', 'system', 'how system', 'how everything', 'how things', 'how we doing', 'everything ok', 'guardian status'],
  ],
  alerts: [
    ...['alertas', 'alerta', 'alertas ativos', 'alerta ativo', 'alertas abertos', 'alertas disparados', 'problemas', 'problema'],
    ...['algum alerta aberto', 'algum alerta ativo', 'lojistas com problema', 'lojistas com problemas', 'merchants with problems'],
    ...['algum problema', 'algum alerta', 'alerts', 'alert', 'active alerts', 'open alerts', 'firing alerts', 'problems', 'problem'],
  ],
  anomalies: [
    ...['anomalias', 'anomalia', 'anomalias detectadas', 'historico', 'historico anomalias', 'historico problemas', 'alguma anomalia'],
    ...['aconteceu', 'alguma coisa aconteceu', 'aconteceu alguma coisa', 'happened', 'anything happened'],
    ...['anomalies', 'anomaly', 'detected anomalies', 'history'],
  ],
  metrics: ['metricas', 'metrica', 'metricas disponiveis', 'metrics', 'metric', 'available metrics'],
  runbooks: ['runbooks', 'runbook', 'runbooks disponiveis', 'available runbooks'],
  progress: ['andamento', 'progresso', 'como vai runbook', 'progress', 'run status'],
  incidents: ['incidentes', 'incidents', 'incidentes abertos', 'open incidents'],
  incident_figures: [
    ...['mttr', 'mttd', 'mtta', 'mtbf', 'tempos incidentes', 'tempos medios incidentes', 'tempo medio incidentes', 'metricas incidentes'],
    ...['numeros incidentes', 'indicadores incidentes', 'tempo medio resolucao', 'tempo medio reparo', 'tempo medio deteccao'],
    ...['tempo medio resposta incidentes', 'tempo medio entre falhas', 'incident times', 'incident metrics', 'incident figures'],
    ...[
      'mean times incidents',
      'mean time repair',
      'mean time resolve',
      'mean time detect',
      'mean time acknowledge',
      'mean time between failures',
    ],
  ],
  briefing: [
    ...[
      'briefing',
      'briefing turno',
      'resumo',
      'resumo turno',
      'passagem turno',
      'passagem',
      'passa turno',
      'passar turno',
      'shift briefing',
      'handoff',
      'handover',
    ],
    ...['shift handoff', 'shift handover', 'summary', 'shift summary'],
  ],
  silences: ['silencios', 'silencios ativos', 'silences', 'active silences', 'silenciados'],
  oncall: [
    ...['quem plantonista', 'quem proximo', 'quem entra depois', 'quem depois', 'quem assume depois', 'proximo plantao', 'who next'],
    ...['plantao', 'quem plantao', 'plantonista', 'escala', 'escala plantao', 'oncall', 'on call', 'call', 'who call', 'who oncall'],
  ],
  help: ['ajuda', 'comandos', 'menu', 'help', 'commands', 'start', 'oi', 'ola', 'hi', 'hello', 'bom dia', 'boa tarde', 'boa noite'],
  more: ['mais', 'continua', 'continuar', 'continue', 'more', 'next', 'proxima'],
};

/** Questions that may name a part of the traffic and a period. */
export const TOPICAL: ReadonlySet<Plain> = new Set<Plain>(['alerts', 'anomalies']);

/** Words before the name of a part of the traffic. */
export const SLICE_WORDS = {
  merchant_id: ['merchant', 'lojista', 'loja', 'comerciante', 'estabelecimento'],
  acquirer: ['adquirente', 'acquirer'],
  auth_code: ['codigo', 'code'],
} as const;
