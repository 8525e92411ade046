import { useState, type ReactNode, type SubmitEvent } from 'react';
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
