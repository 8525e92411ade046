import { useCallback } from 'react';
import { useLoaded } from '../parts/loaded.ts';
import { LoadState } from '../parts/load-state.tsx';
import { Markdown } from '../parts/markdown.ts';
import { usePageWords } from '../parts/page-words.ts';
import { saveText } from '../parts/save-text.ts';
import type { IncidentsApi } from './incidents-api.ts';

interface PostMortemSectionProps {
  readonly id: string;
  readonly api: Pick<IncidentsApi, 'postMortem'>;
  readonly now: number;
}

/** The draft that the server makes of the timeline, to read and to download. */
export function PostMortemSection({ id, api, now }: PostMortemSectionProps) {
  const { p } = usePageWords();
  const loaded = useLoaded(useCallback(() => api.postMortem(id), [api, id]));
  const draft = loaded.value;
  return (
    <>
      <LoadState loaded={loaded} now={now} />
      {draft !== null && (
        <>
          <button type="button" className="tool" onClick={() => saveText(`${id}.md`, draft, 'text/markdown')}>
            {p('page.incident.download')}
          </button>
          <article className="document" aria-label={p('page.incident.draft')}>
            <Markdown source={draft} />
          </article>
        </>
      )}
    </>
  );
}
