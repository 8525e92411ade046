import { useState } from 'react';
import { Icon } from './icon.tsx';
import { useWords } from './locale.tsx';

/** A shell command that can be copied with one press. */
export function CommandText({ command }: { readonly command: string }) {
  const { t } = useWords();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(command);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div className="command">
      <pre>
        <code>{command}</code>
      </pre>
      <button type="button" className="tool" onClick={() => void copy()}>
        <Icon name={isCopied ? 'check' : 'copy'} size={14} />{' '}
        <span aria-live="polite">{t(isCopied ? 'console.copied' : 'console.copy')}</span>
      </button>
    </div>
  );
}
