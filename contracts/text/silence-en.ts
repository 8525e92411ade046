import type { silencePtBr } from './silence-pt-br.ts';

/** Texts of silences in English. */
export const silenceEn: Record<keyof typeof silencePtBr, string> = {
  'silence.began': '🔕 SILENCED until {until:time}: {matchers}',
  'silence.ended': '🔔 SILENCE OVER: {matchers}',
  'silence.hid': 'Hid {n:0} {n:alert|alerts}, {firing:0} still firing',
  'silence.hid_nothing': 'Hid no alerts',
  'silence.hidden': '• {what}',
  'silence.hidden_firing': '• FIRING: {what}',
  'silence.hidden_more': '• and {n:0} more',
  'silence.reason': '{name}: {reason}',
  'silence.times': 'From {started:time} to {ended:time}',
  'silence.up_to.info': 'Warning and critical alerts still notify',
  'silence.up_to.warning': 'Critical alerts still notify',
};
