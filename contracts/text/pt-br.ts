import { alertPtBr } from './alert-pt-br.ts';
import { cliPtBr } from './cli-pt-br.ts';
import { consolePtBr } from './console-pt-br.ts';
import { problemPtBr } from './problem-pt-br.ts';
import { reasonPtBr } from './reason-pt-br.ts';

/** Texts in Brazilian Portuguese, sorted by prefix; the placeholders are explained in `text.ts`. */
export const ptBr = {
  ...alertPtBr,

  'anomaly.severity.critical': 'Crítico',
  'anomaly.severity.info': 'Informação',
  'anomaly.severity.warning': 'Atenção',
  'anomaly.slice.acquirer': 'adquirente {value}',
  'anomaly.slice.auth_code': 'código {value}',
  'anomaly.slice.card_bin': 'BIN {value}',
  'anomaly.slice.fleet': 'todo o tráfego',
  'anomaly.slice.merchant_id': 'lojista {value}',
  'anomaly.slice.payment_method': 'método {value}',
  'anomaly.slice.status': '{value}',
  'anomaly.status.open': 'Aberta',
  'anomaly.status.resolved': 'Resolvida',
  'anomaly.type.approval_rate_down': 'Taxa de aprovação em queda',
  'anomaly.type.denials_above_normal': 'Negadas acima do normal',
  'anomaly.type.detector_behind': 'Detector atrasado',
  'anomaly.type.drift_warning': 'Rumo a uma anomalia',
  'anomaly.type.failures_above_normal': 'Falhas acima do normal',
  'anomaly.type.low_volume': 'Volume baixo',
  'anomaly.type.no_data': 'Sem dados',
  'anomaly.type.reversals_above_normal': 'Estornos acima do normal',
  'anomaly.type.spike': 'Pico de volume',
  'anomaly.type.zero_transactions': 'Zero transações',

  ...cliPtBr,

  ...consolePtBr,

  ...problemPtBr,

  ...reasonPtBr,

  'transaction.status.approved': 'aprovadas',
  'transaction.status.backend_reversed': 'estornadas pelo backend',
  'transaction.status.denied': 'negadas',
  'transaction.status.failed': 'falhas',
  'transaction.status.processing': 'em processamento',
  'transaction.status.refunded': 'reembolsadas',
  'transaction.status.reversed': 'estornadas',
} as const;
