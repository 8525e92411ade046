import type { Acting } from './acting.ts';
import { usePageWords } from './page-words.ts';

/** Why the server refused what was asked for; nothing when it did not. */
export function RefusalNote({ acting }: { readonly acting: Pick<Acting, 'failure'> }) {
  const { t } = usePageWords();
  return (
    <p className="respond-said" role="status">
      {acting.failure !== null && t('console.respond.failed', { message: acting.failure })}
    </p>
  );
}
