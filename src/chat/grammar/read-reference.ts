import type { Reference } from './command.ts';

const IT = /^(?:dele|dela|ele|ela|isso|isto|esse|essa|este|esta|desse|dessa|deste|desta|it|its|that|this|ultimo|ultima|last|last one)$/;
const ALL = /^(?:tudo|todos|todas|all|everything)$/;
const ID = /^(?:an_[0-9a-f]{6,32}|si_[0-9a-f]{12}|[0-9a-f]{16})$/;
const NUMBERS = /^#?\d{1,3}(?:(?:,| e | and |,? )#?\d{1,3}){0,49}$/;
const LEAD = /^(?:(?:o|a|os|as|do|da|dos|das|no|na|de|of|the|number|numero|n|alerta|alertas|alert|alerts|anomalia|anomaly|item) )*/;

/** Reads what a line points at, in plain words; nothing at all is what was talked about last. Null when it is no reference. Pure. */
export function referenceOf(text: string): Reference | null {
  const said = text.replace(LEAD, '').trim();
  if (said === '' || IT.test(said)) return { kind: 'it' };
  if (ALL.test(said)) return { kind: 'all' };
  if (ID.test(said)) return { kind: 'id', id: said };
  if (!NUMBERS.test(said)) return null;
  const numbers = [...new Set((said.match(/\d+/g) ?? []).map(Number))];
  return numbers.includes(0) ? null : { kind: 'numbers', numbers };
}
