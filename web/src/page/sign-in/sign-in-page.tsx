import { useEffect, useState, type SubmitEvent } from 'react';
import { messageOf } from '../../live/ask.ts';
import { CommandText } from '../../ui/command.tsx';
import { LanguageSwitch } from '../../ui/language-switch.tsx';
import { useWords } from '../../ui/locale.tsx';
import { keepWanted } from './wanted.ts';

interface SignInPageProps {
  /** A link was followed that is no longer good. */
  readonly isExpired: boolean;
  /** Signs in with a code, or rejects with what the server says. */
  readonly onCode: (code: string) => Promise<void>;
}

/** Shown without a session: the ways to one. Whichever it is, the address stays, or is found again. */
export function SignInPage({ isExpired, onCode }: SignInPageProps) {
  const { t } = useWords();
  const wanted = location.pathname + location.search;
  const isDeep = location.pathname !== '/';
  useEffect(() => {
    if (isDeep) keepWanted(wanted, Date.now());
  }, [isDeep, wanted]);
  return (
    <main className="centre sign-in">
      <section className="panel welcome" aria-labelledby="session-title">
        <div className="sign-in-head">
          <img src="/guardian.svg" alt="" width="40" height="40" />
          <LanguageSwitch />
        </div>
        <h1 id="session-title">{t('console.signin.title')}</h1>
        {isExpired && <p role="alert">{t('console.session.expired')}</p>}
        {isDeep && <p>{t('console.signin.wanted')}</p>}
        <h2>{t('console.signin.chat')}</h2>
        <p>{t('console.signin.chat_how')}</p>
        <CodeForm onCode={onCode} />
        <h2>{t('console.signin.server')}</h2>
        <p>{t('console.signin.server_how')}</p>
        <CommandText command="npx guardian link" />
      </section>
    </main>
  );
}

function CodeForm({ onCode }: Pick<SignInPageProps, 'onCode'>) {
  const { t } = useWords();
  const [code, setCode] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await onCode(code);
    } catch (error) {
      setFailure(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <form className="code-form" onSubmit={(event) => void submit(event)}>
      <h2>
        <label htmlFor="code">{t('console.signin.code')}</label>
      </h2>
      <p id="code-how">{t('console.signin.code_how')}</p>
      <div className="code-row">
        <input
          id="code"
          className="code-input"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          aria-describedby="code-how code-said"
          aria-invalid={failure !== null}
          autoComplete="one-time-code"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={20}
          placeholder="XXXX-XXXX"
          required
        />
        <button type="submit" className="tool is-first" disabled={isBusy}>
          {t('console.signin.enter')}
        </button>
      </div>
      <p id="code-said" role="alert">
        {failure}
      </p>
    </form>
  );
}
