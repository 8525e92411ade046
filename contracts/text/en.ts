import { alertEn } from './alert-en.ts';
import { cliEn } from './cli-en.ts';
import { consoleEn } from './console-en.ts';
import { problemEn } from './problem-en.ts';
import { reasonEn } from './reason-en.ts';
import type { ptBr } from './pt-br.ts';

/** Texts in English: the same keys as `pt-br.ts`, which the type enforces. */
export const en: Record<keyof typeof ptBr, string> = {
  ...alertEn,

  'anomaly.severity.critical': 'Critical',
  'anomaly.severity.info': 'Info',
  'anomaly.severity.warning': 'Warning',
  'anomaly.slice.acquirer': 'acquirer {value}',
  'anomaly.slice.auth_code': 'code {value}',
  'anomaly.slice.card_bin': 'BIN {value}',
  'anomaly.slice.fleet': 'all traffic',
  'anomaly.slice.merchant_id': 'merchant {value}',
  'anomaly.slice.payment_method': 'method {value}',
  'anomaly.slice.status': '{value}',
  'anomaly.status.open': 'Open',
  'anomaly.status.resolved': 'Resolved',
  'anomaly.type.approval_rate_down': 'Approval rate down',
  'anomaly.type.denials_above_normal': 'Denials above normal',
  'anomaly.type.detector_behind': 'Detector behind',
  'anomaly.type.drift_warning': 'Heading for an anomaly',
  'anomaly.type.failures_above_normal': 'Failures above normal',
  'anomaly.type.low_volume': 'Low volume',
  'anomaly.type.no_data': 'No data',
  'anomaly.type.reversals_above_normal': 'Reversals above normal',
  'anomaly.type.spike': 'Volume spike',
  'anomaly.type.zero_transactions': 'Zero transactions',

  ...cliEn,

  ...consoleEn,

  ...problemEn,

  ...reasonEn,

  'transaction.status.approved': 'approved',
  'transaction.status.backend_reversed': 'backend reversed',
  'transaction.status.denied': 'denied',
  'transaction.status.failed': 'failed',
  'transaction.status.processing': 'processing',
  'transaction.status.refunded': 'refunded',
  'transaction.status.reversed': 'reversed',
};
