import type { LoadedList } from './loaded-list.ts';
import { usePageWords } from './page-words.ts';

/** The button that reads one part more of a list; nothing at its end. */
export function More({ list: { more } }: { readonly list: Pick<LoadedList<unknown>, 'more'> }) {
  const { p } = usePageWords();
  if (more === null) return null;
  return (
    <button type="button" className="more" onClick={more}>
      {p('page.more')}
    </button>
  );
}
