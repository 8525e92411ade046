import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import type { Api } from '../state/api.ts';
import { createFeedbackActions } from '../state/feedback-actions.ts';
import { countsOf } from '../state/counts.ts';
import { healthAt, judgeFreshness, streamTime } from '../state/freshness.ts';
import type { Live } from '../state/live.ts';
import type { State } from '../state/model.ts';
import { useStore, type Store } from '../state/store.ts';
import { useAddress } from './address.ts';
import { AnomalyList } from './anomaly-list.tsx';
import { ChartPanel } from './chart-panel.tsx';
import { EmptyState, SessionNeeded } from './empty-state.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { isQuestion, useJudging, type Judging } from './judging.ts';
import { useWords, WordsProvider } from './locale.tsx';
import { MerchantTable } from './merchant-table.tsx';
import { useNow } from './now.ts';
import { useShortcuts } from './shortcuts.ts';
import { Situation } from './situation.tsx';
import { useTabSign } from './tab-sign.ts';
import { Tiles } from './tiles.tsx';

interface AppProps {
  readonly store: Store;
  readonly api: Api;
  readonly live: Live;
}

/** The console: one page. */
export function App(props: AppProps) {
  const state = useStore(props.store, (whole) => whole);
  return (
    <WordsProvider defaultLocale={state.stats?.locale} timeZone={state.stats?.time_zone}>
      {state.session === 'required' || state.session === 'expired' ? (
        <SessionNeeded isExpired={state.session === 'expired'} />
      ) : (
        <Page {...props} state={state} />
      )}
    </WordsProvider>
  );
}

function Page({ state, store, api, live }: AppProps & { readonly state: State }) {
  const now = useNow();
  const freshness = judgeFreshness(state, now);
  const { openId, show, query, setQuery } = useAddress();
  const [isHelp, setHelp] = useState(false);
  const filter = useRef<HTMLInputElement>(null);
  const onRange = (range: State['range']) => void live.setRange(range);
  const openAnomaly = (id: string) => {
    setQuery('');
    show(id);
  };
  useLinkedAnomaly(store, api, openId);
  const actions = useMemo(() => createFeedbackActions({ store, api }), [store, api]);
  const judging = useJudging(state.feedback, actions);
  const shown = state.anomalies.find((anomaly) => anomaly.id === openId);
  useConsoleShortcuts({ live, judging, shown, setQuery, setHelp, filter });
  const streamNow = streamTime(state, now);
  useTabSign({ firing: countsOf(state, streamNow).firing, isSure: freshness.isJudged && healthAt(state.health, now) === 'healthy' });
  const isEmpty = state.stats?.stream === 'empty' && state.points.length === 0;
  return (
    <>
      <Header freshness={freshness} stats={state.stats} now={now} streamNow={streamNow} onHelp={() => setHelp(true)} />
      <main className={freshness.isStale ? 'is-stale' : undefined}>
        {state.loadError !== null && !state.loaded && <LoadError message={state.loadError} onRetry={() => void live.load()} />}
        <Tiles state={state} freshness={freshness} now={now} streamNow={streamNow} />
        <Situation state={state} freshness={freshness} streamNow={streamNow} now={now} onOpen={openAnomaly} />
        {isEmpty ? (
          <EmptyState origin={location.origin} />
        ) : (
          <ChartPanel
            points={state.points}
            anomalies={state.anomalies}
            forecast={state.forecast}
            range={state.range}
            learning={state.stats?.learning ?? false}
            onRange={onRange}
            onOpen={openAnomaly}
          />
        )}
        <div className="columns">
          <AnomalyList
            anomalies={state.anomalies}
            loaded={state.loaded}
            query={query}
            onQuery={setQuery}
            filterRef={filter}
            openId={openId}
            onToggle={(id) => show(openId === id ? null : id)}
            api={api}
            streamNow={streamNow}
            judging={judging}
          />
          <MerchantTable merchants={state.merchants} onPick={setQuery} />
        </div>
      </main>
      <Help isOpen={isHelp} onClose={() => setHelp(false)} />
    </>
  );
}

interface ShortcutTargets {
  readonly live: Live;
  readonly judging: Judging;
  /** The anomaly that is open. */
  readonly shown: AnomalyView | undefined;
  readonly setQuery: (query: string) => void;
  readonly setHelp: (isOpen: boolean) => void;
  readonly filter: RefObject<HTMLInputElement | null>;
}

function useConsoleShortcuts({ live, judging, shown, setQuery, setHelp, filter }: ShortcutTargets): void {
  useShortcuts(
    useMemo(
      () => ({
        onFilter: () => filter.current?.focus(),
        onHelp: () => setHelp(true),
        onEscape: () => {
          setHelp(false);
          setQuery('');
          filter.current?.blur();
        },
        onRange: (range) => void live.setRange(range),
        onVerdict: (verdict) => {
          if (shown !== undefined && (verdict !== 'accept_level' || isQuestion(shown))) judging.give(shown, verdict);
        },
        onUndo: () => {
          if (shown !== undefined) judging.undo(shown);
        },
      }),
      [live, setQuery, setHelp, filter, judging, shown],
    ),
  );
}

/** A link may name an anomaly that is too old for the list: then it is fetched. */
function useLinkedAnomaly(store: Store, api: Api, id: string | null): void {
  useEffect(() => {
    if (id === null || store.get().anomalies.some((anomaly) => anomaly.id === id)) return;
    api.anomaly(id).then(
      (anomaly) => store.dispatch({ type: 'anomaly', anomaly }),
      () => undefined,
    );
  }, [store, api, id]);
}

function LoadError({ message, onRetry }: { readonly message: string; readonly onRetry: () => void }) {
  const { t } = useWords();
  return (
    <section className="situation tone-critical" role="alert">
      <div className="situation-text">
        <p className="situation-title">{t('console.error.load', { message })}</p>
      </div>
      <button type="button" className="tool" onClick={onRetry}>
        {t('console.error.retry')}
      </button>
    </section>
  );
}
