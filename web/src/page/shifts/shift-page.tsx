import { useCallback } from 'react';
import type { Briefing } from '@transaction-guardian/contracts/briefing.ts';
import type { Silence } from '@transaction-guardian/contracts/silence.ts';
import { PageLink } from '../page-link.tsx';
import { useActing } from '../parts/acting.ts';
import { Fact } from '../parts/fact.tsx';
import { useLoaded } from '../parts/loaded.ts';
import { LoadState } from '../parts/load-state.tsx';
import { Markdown } from '../parts/markdown.ts';
import { usePageWords } from '../parts/page-words.ts';
import { RefusalNote } from '../parts/refusal.tsx';
import { saveText } from '../parts/save-text.ts';
import type { ShiftsPageProps } from './shifts-page.tsx';

/** One briefing: what it says, who accepted it, the noise against its budget, and what may be demoted. */
export function ShiftPage({ id, ask, now, onGo }: ShiftsPageProps & { readonly id: string }) {
  const { p, locale } = usePageWords();
  const path = `/briefings/${encodeURIComponent(id)}`;
  const loaded = useLoaded(
    useCallback(async () => {
      const [briefing, source] = await Promise.all([ask.get<Briefing>(path), ask.text(`${path}?format=markdown`)]);
      return { briefing, source };
    }, [ask, path]),
  );
  const acting = useActing();
  const { value, reload } = loaded;
  const accept = () => void acting.run(() => ask.send('POST', `${path}/accept`)).then(reload);
  const demote = (cause: string) =>
    void acting.run(async () => {
      await ask.send<Silence>('POST', `${path}/demotions/${encodeURIComponent(cause)}`);
      onGo({ page: 'silences' });
    });
  const noise = value?.briefing.facts.noise;
  const share = (part: number | null) => (part === null ? '–' : `${Math.round(100 * part)}%`);
  return (
    <section className="panel" id="shift" aria-labelledby="shift-title" tabIndex={-1}>
      <p className="back">
        <PageLink to={{ page: 'shifts' }} onGo={onGo}>
          {p('page.back')}
        </PageLink>
      </p>
      <h2 id="shift-title">{p('page.shift.title')}</h2>
      <LoadState loaded={loaded} now={now} />
      {value !== null && noise !== undefined && (
        <>
          <div className="respond-buttons">
            {value.briefing.kind !== 'now' && value.briefing.accepted_by === null && (
              <button type="button" className="tool is-first" disabled={acting.isBusy} onClick={accept}>
                {p('page.shift.accept')}
              </button>
            )}
            <button type="button" className="tool" onClick={() => saveText(`${value.briefing.id}.md`, value.source, 'text/markdown')}>
              {p('page.incident.download')}
            </button>
          </div>
          <RefusalNote acting={acting} />
          <article className="document" aria-label={p('page.shift.title')}>
            <Markdown source={value.source} />
          </article>
          <h3>{p('page.shift.noise')}</h3>
          <dl className="facts">
            <Fact name={p('page.shift.pages')}>{p('page.shift.pages_of', { n: noise.pages, budget: noise.budget })}</Fact>
            <Fact name={p('page.shift.burn')}>{share(noise.burn)}</Fact>
            <Fact name={p('page.shift.useful')}>{share(noise.useful_share)}</Fact>
            <Fact name={p('page.shift.short')}>{share(noise.short_share)}</Fact>
          </dl>
          <ul className="rows">
            {(noise.demotions ?? []).map(({ cause, texts, pages }) => (
              <li key={cause} className="row item-row">
                <div className="item-text">
                  <p className="item-title">{texts[locale]}</p>
                  <p className="item-facts">{p('page.shift.burns', { n: pages })}</p>
                  <button type="button" className="tool" disabled={acting.isBusy} onClick={() => demote(cause)}>
                    {p('page.shift.demote')}
                  </button>
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
