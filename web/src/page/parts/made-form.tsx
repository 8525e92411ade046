import { useState, type ReactNode, type SubmitEvent } from 'react';
import { useWords } from '../../ui/locale.tsx';
import { useActing } from './acting.ts';

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
  const { isBusy, failure, run } = useActing();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void run(async () => {
      await onSubmit();
      setOpen(false);
      onMade();
    });
  };
  return (
    <details className="made-form" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="tool">{title}</summary>
      <form className="form" onSubmit={submit}>
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
