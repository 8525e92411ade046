import { useEffect, useRef } from 'react';
import { useWords } from '../../ui/locale.tsx';

interface HelpProps {
  readonly isOpen: boolean;
  /** Whoever is signed in may act: only then do the keys that act do anything. */
  readonly isActing: boolean;
  readonly onClose: () => void;
}

/** Keyboard shortcuts and how to read the page, in a modal dialog. */
export function Help({ isOpen, isActing, onClose }: HelpProps) {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element === null) return;
    if (isOpen && !element.open) element.showModal();
    if (!isOpen && element.open) element.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} className="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">{t('console.help.title')}</h2>
      <dl className="keys">
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>{t('console.help.filter')}</dd>
        <dt>
          <kbd>1</kbd> <kbd>2</kbd> <kbd>3</kbd> <kbd>4</kbd>
        </dt>
        <dd>{t('console.help.range')}</dd>
        {isActing && (
          <>
            <dt>
              <kbd>U</kbd> <kbd>N</kbd> <kbd>L</kbd> <kbd>Z</kbd>
            </dt>
            <dd>{t('console.help.verdict')}</dd>
          </>
        )}
        <dt>
          <kbd>Ctrl</kbd> <kbd>K</kbd>
        </dt>
        <dd>{t('console.help.palette')}</dd>
        <dt>
          <kbd>C</kbd>
        </dt>
        <dd>{t('console.help.chat')}</dd>
        {isActing && (
          <>
            <dt>
              <kbd>A</kbd> <kbd>S</kbd> <kbd>R</kbd>
            </dt>
            <dd>{t('console.help.respond')}</dd>
          </>
        )}
        <dt>
          <kbd>Esc</kbd>
        </dt>
        <dd>{t('console.help.escape')}</dd>
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>{t('console.help.help')}</dd>
      </dl>
      <h3>{t('console.help.legend')}</h3>
      <ul>
        <li>{t('console.help.band')}</li>
        <li>{t('console.help.hatched')}</li>
        <li>{t('console.help.incomplete')}</li>
        <li>{t('console.help.grey')}</li>
        <li>{t('console.help.zoom')}</li>
      </ul>
      <button type="button" className="tool" onClick={onClose}>
        {t('console.help.close')}
      </button>
    </dialog>
  );
}
