import { useId, useState, type SubmitEvent, type ReactNode } from 'react';
import { useWords } from '../../ui/locale.tsx';

interface MadeFormProps {
  readonly title: string;
  readonly action: string;
  /** Asks the server; rejects with what it refuses. */
  readonly onSubmit: () => Promise<unknown>;
  readonly onMade: () => void;
  readonly children: ReactNode;
}

/** A form that is folded until it is needed. It folds again when the server has taken it, and says why when it has not. */
export function MadeForm({ title, action, onSubmit, onMade, children }: MadeFormProps) {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      await onSubmit();
      setOpen(false);
      onMade();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <details className="made-form" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="tool">{title}</summary>
      <form className="form" onSubmit={(event) => void submit(event)}>
        {children}
        {failure !== null && (
          <p className="form-failure" role="alert">
            {t('console.respond.failed', { message: failure })}
          </p>
        )}
        <button type="submit" className="tool is-first" disabled={isBusy}>
          {action}
        </button>
      </form>
    </details>
  );
}

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
