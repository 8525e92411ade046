import { useId } from 'react';
import { useWords } from '../../ui/locale.tsx';

/** The lines of a text that say something. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Matchers, one a line. */
export function MatchersField({ value, onValue }: { readonly value: string; readonly onValue: (value: string) => void }) {
  const { t } = useWords();
  const hint = useId();
  return (
    <div className="field field-wide">
      <label className="field">
        <span>{t('console.silences.matchers')}</span>
        <textarea
          required
          rows={2}
          spellCheck={false}
          autoCapitalize="off"
          placeholder={'merchant_id="m-1"'}
          aria-describedby={hint}
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      </label>
      <small id={hint}>{t('console.silences.matchers_hint')}</small>
    </div>
  );
}
