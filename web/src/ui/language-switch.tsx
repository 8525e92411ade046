import { LOCALES } from '@transaction-guardian/contracts/text/render-text.ts';
import { useWords } from './locale.tsx';

/** Portuguese or English, for this browser. */
export function LanguageSwitch() {
  const { t, locale, setLocale } = useWords();
  return (
    <div className="segments" role="group" aria-label={t('console.language')}>
      {LOCALES.map((option) => (
        <button key={option} type="button" aria-pressed={option === locale} onClick={() => setLocale(option)} lang={option}>
          {option === 'pt-BR' ? 'PT' : 'EN'}
        </button>
      ))}
    </div>
  );
}
