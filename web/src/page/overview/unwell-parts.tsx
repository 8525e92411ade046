import type { Health } from '@transaction-guardian/contracts/stats.ts';
import { useWords } from '../../ui/locale.tsx';
import { usePartTexts } from './part-texts.ts';

/** The parts that are not well, and why; their names alone until the texts are there. */
export function UnwellParts({ checks, now }: { readonly checks: Health['checks']; readonly now: number }) {
  const { locale, timeZone } = useWords();
  const texts = usePartTexts(true);
  const unwell = Object.entries(checks).filter(([, { status }]) => status !== 'ok');
  return unwell.map(([name, check]) => texts?.partText(locale, name, check, { timeZone, nowMs: now }) ?? name).join('; ');
}
