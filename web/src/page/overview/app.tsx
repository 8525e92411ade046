import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import type { Api } from '../../live/api.ts';
import { ApiError, type Ask } from '../../live/ask.ts';
import { createFeedbackActions } from '../../live/feedback-actions.ts';
import { countsOf } from '../../live/counts.ts';
import { heldRank } from '../../live/held.ts';
import { healthAt, judgeFreshness, streamTime } from '../../live/freshness.ts';
import type { Live } from '../../live/live.ts';
import type { LiveState } from '../../live/model.ts';
import { useStore, type Store } from '../../live/store.ts';
import { AlertsPage } from '../alerts/alerts-page.tsx';
import { useAddress, writeRange } from '../address.ts';
import { AnomalyList, type LinkFailure } from '../anomaly/anomaly-list.tsx';
import { ChartPanel, type Zoom } from './chart-panel.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { isQuestion, useJudging, type Judging } from '../anomaly/judging.ts';
import { useWords, WordsProvider } from '../../ui/locale.tsx';
import { MerchantTable } from './merchant-table.tsx';
import { useNow } from './now.ts';
import { SNOOZES } from '../respond/respond-bar.tsx';
import { useResponding, type Responding } from '../respond/responding.ts';
import { SignInPage } from '../sign-in/sign-in-page.tsx';
import { mayAct } from '../navigation.ts';
import { OpenedPage } from '../opened-page.tsx';
import type { ConsoleRoute } from '../route.ts';
import type { DeskLayerProps } from '../desk/desk-layer.tsx';
import { DeskSlot } from '../desk/desk.tsx';
import { useDesk, type Desk } from '../parts/use-desk.ts';
import { UnknownPage } from '../unknown-page.tsx';
import { useShortcuts } from './shortcuts.ts';
import { Proof } from './proof.tsx';
import { CurrentSituation } from './situation.tsx';
import { useTabSign } from './tab-sign.ts';
import { Tiles } from './tiles.tsx';

interface AppProps {
  readonly store: Store;
  readonly api: Api;
  readonly ask: Ask;
  readonly live: Live;
}

/** The console: its pages by their address. */
export function ConsoleApp(props: AppProps) {
  const state = useStore(props.store, (whole) => whole);
  return (
    <WordsProvider defaultLocale={state.actor?.language ?? state.stats?.locale} timeZone={state.stats?.time_zone}>
      {state.session === 'required' || state.session === 'expired' ? (
        <SignInPage isExpired={state.session === 'expired'} onCode={(code) => props.api.openSessionByCode(code).then(reopen)} />
      ) : (
        <Page {...props} state={state} />
      )}
    </WordsProvider>
  );
}

/** The page that was asked for, this time with a session. */
const reopen = (): void => location.reload();

function Page({ state, store, api, ask, live }: AppProps & { readonly state: LiveState }) {
  const now = useNow();
  const actorRole = state.actor?.role ?? null;
  const freshness = judgeFreshness(state, now);
  const [isHelp, setHelp] = useState(false);
  const [settings, setSettings] = useState<HTMLElement | null>(null);
  const desk = useDesk();
  const [zoom, setZoom] = useState<Zoom | null>(null);
  const filter = useRef<HTMLInputElement>(null);
  const onRange = useCallback(
    (range: LiveState['range']) => {
      setZoom(null);
      writeRange(range);
      void live.setRange(range);
    },
    [live],
  );
  const followRange = useCallback((range: LiveState['range']) => void live.setRange(range), [live]);
  const { route, go, query, setQuery, merchant, setMerchant } = useAddress(followRange);
  const openId = route.page === 'anomaly' ? route.id : null;
  const show = (id: string | null) => go(id === null ? { page: 'overview' } : { page: 'anomaly', id });
  const openMerchant = (id: string | null) => {
    setZoom(null);
    setMerchant(id);
    if (id !== null) document.getElementById('chart')?.scrollIntoView({ block: 'nearest' });
  };
  const onMerchant = (id: string) => {
    go({ page: 'overview' });
    openMerchant(id);
  };
  const openAnomaly = (id: string) => {
    setQuery('');
    show(id);
  };
  const linked = useLinkedAnomaly(store, api, openId);
  const actions = useMemo(() => createFeedbackActions({ store, api }), [store, api]);
  const judging = useJudging(state.feedback, actions);
  const responding = useResponding(store, api);
  const shownId = route.page === 'alert' ? route.id : openId;
  const shown = state.anomalies.find((anomaly) => anomaly.id === shownId);
  // The innermost thing that is open closes first.
  const closeOne = () => {
    if (isHelp) setHelp(false);
    else if (desk.chat !== null) desk.closeChat();
    else if (query !== '') setQuery('');
    else if (zoom !== null) setZoom(null);
    else if (openId !== null) show(null);
    else if (merchant !== null) setMerchant(null);
    filter.current?.blur();
  };
  const shownAlert = alertOf(route, state.alerts);
  const selected = () => shownAlert ?? focusedAlert(state.alerts);
  useConsoleShortcuts({ onRange, closeOne, judging, shown, selected, responding, setHelp, filter, desk, isActing: mayAct(actorRole) });
  const streamNow = streamTime(state, now);
  useTabSign({ route, ...signOf(state, streamNow), isSure: freshness.isJudged && healthAt(state.health, now) === 'healthy' });
  const isEmpty = state.stats?.stream === 'empty' && state.points.length === 0;
  return (
    <>
      <Header
        {...{ freshness, now, streamNow, actorRole, stats: state.stats }}
        onHelp={() => setHelp(true)}
        onPalette={() => desk.openPalette(selected()?.fingerprint ?? null)}
        onChat={() => desk.openChat()}
        page={route.page}
        onGo={go}
      />
      <main className={freshness.isStale ? 'is-stale' : undefined}>
        {state.loadError !== null && !state.loaded && <LoadError message={state.loadError} onRetry={() => void live.load()} />}
        {route.page === 'unknown' && <UnknownPage path={route.path} onGo={go} />}
        {route.page === 'alerts' && (
          <AlertsPage {...{ api, responding, streamNow, now }} alerts={state.alerts} loaded={state.loaded} onGo={go} />
        )}
        {route.page === 'settings' && <div ref={setSettings} />}
        <OpenedPage {...{ route, api, ask, state, now, streamNow, responding, judging }} onGo={go} />
        {(route.page === 'overview' || route.page === 'anomaly') && (
          <>
            <Tiles state={state} freshness={freshness} now={now} streamNow={streamNow} />
            <CurrentSituation state={state} freshness={freshness} streamNow={streamNow} now={now} onOpen={openAnomaly} />
            <Proof ask={ask} now={now} />
            {isEmpty ? (
              <EmptyState origin={location.origin} />
            ) : (
              <ChartPanel
                points={state.points}
                anomalies={state.anomalies}
                forecast={state.forecast}
                range={state.range}
                learning={state.stats?.learning ?? false}
                loaded={state.loaded}
                streamNow={streamNow}
                onRange={onRange}
                onOpen={openAnomaly}
                api={api}
                merchant={merchant}
                onMerchant={openMerchant}
                zoom={zoom}
                onZoom={setZoom}
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
                linkFailure={shown === undefined ? linked : null}
                onToggle={(id) => show(openId === id ? null : id)}
                {...{ api, streamNow, now, judging, responding }}
                alerts={state.alerts}
              />
              <MerchantTable merchants={state.merchants} shown={merchant} onPick={setQuery} onShow={openMerchant} />
            </div>
          </>
        )}
      </main>
      <OverPage {...{ desk, state, ask, responding, shownAlert, settings, now, isHelp, setHelp, onMerchant }} onGo={go} />
    </>
  );
}

interface OverPageProps extends Omit<DeskLayerProps, 'onHelp'> {
  readonly isHelp: boolean;
  readonly setHelp: (isOpen: boolean) => void;
}

/** What opens over the page. */
function OverPage({ isHelp, setHelp, ...desk }: OverPageProps) {
  return (
    <>
      <Help isOpen={isHelp} isActing={mayAct(desk.state.actor?.role ?? null)} onClose={() => setHelp(false)} />
      <DeskSlot {...desk} onHelp={() => setHelp(true)} />
    </>
  );
}

interface ShortcutTargets {
  readonly onRange: (range: LiveState['range']) => void;
  readonly closeOne: () => void;
  readonly judging: Judging;
  /** The anomaly that is open. */
  readonly shown: AnomalyView | undefined;
  /** The alert that keys act on: of the open anomaly, or of the row with the focus. */
  readonly selected: () => AlertView | undefined;
  readonly responding: Responding;
  readonly setHelp: (isOpen: boolean) => void;
  readonly filter: RefObject<HTMLInputElement | null>;
  readonly desk: Desk;
  /** Whoever is signed in may act on alerts. */
  readonly isActing: boolean;
}

function useConsoleShortcuts({
  onRange,
  closeOne,
  judging,
  shown,
  selected,
  responding,
  setHelp,
  filter,
  desk,
  isActing,
}: ShortcutTargets): void {
  const latest = useRef({ closeOne, selected });
  useEffect(() => {
    latest.current = { closeOne, selected };
  });
  useShortcuts(
    useMemo(
      () => ({
        onFilter: () => (filter.current === null ? desk.openPalette(null) : filter.current.focus()),
        onHelp: () => setHelp(true),
        onEscape: () => latest.current.closeOne(),
        onRange,
        onVerdict: (verdict) => {
          if (isActing && shown !== undefined && (verdict !== 'accept_level' || isQuestion(shown))) judging.give(shown, verdict);
        },
        onAcknowledge: () => {
          const alert = latest.current.selected();
          if (isActing && alert !== undefined && alert.acknowledged_by === null) responding.acknowledge(alert);
        },
        onSnooze: () => {
          const alert = latest.current.selected();
          if (isActing && alert !== undefined && alert.snoozed_until === null) responding.snooze(alert, SNOOZES[0]);
        },
        onRunbook: () => {
          if (!isActing) return;
          const alert = latest.current.selected();
          // Nothing runs by one key: the line stands in the chat, and Enter sends it.
          if (alert === undefined) desk.openChat('runbook', true);
          else desk.openChat(`runbook ${alert.fingerprint}`);
        },
        onPalette: () => desk.openPalette(latest.current.selected()?.fingerprint ?? null),
        onChat: () => desk.openChat(),
        onUndo: () => {
          if (isActing && shown !== undefined) judging.undo(shown);
        },
      }),
      [onRange, setHelp, filter, judging, shown, responding, desk, isActing],
    ),
  );
}

/** What fires, for the tab. */
function signOf(state: LiveState, streamNow: number): { readonly firing: number; readonly criticals: number } {
  const criticals = state.alerts.filter((alert) => alert.severity === 'critical' && heldRank(alert) < 2).length;
  return { firing: countsOf(state, streamNow).firing, criticals };
}

/** The alert whose page, or whose anomaly, is open. */
function alertOf(route: ConsoleRoute, alerts: readonly AlertView[]): AlertView | undefined {
  if (route.page !== 'anomaly' && route.page !== 'alert') return undefined;
  return alerts.find(({ anomaly_id: id, fingerprint }) => id === route.id || (route.page === 'alert' && fingerprint === route.id));
}

/** The alert of the row that has the focus. */
function focusedAlert(alerts: readonly AlertView[]): AlertView | undefined {
  const id = document.activeElement?.closest<HTMLElement>('[data-alert]')?.dataset['alert'];
  return alerts.find(({ fingerprint }) => fingerprint === id);
}

/** A link may name an anomaly that is too old for the list: then it is fetched. Returns why there is none to show: it does not
 *  exist, or the server's message. */
function useLinkedAnomaly(store: Store, api: Api, id: string | null): LinkFailure | null {
  const [failure, setFailure] = useState<LinkFailure | null>(null);
  useEffect(() => {
    if (id === null || store.get().anomalies.some((anomaly) => anomaly.id === id)) return;
    api.anomaly(id).then(
      (anomaly) => store.dispatch({ type: 'anomaly', anomaly }),
      (error: unknown) => setFailure({ id, message: error instanceof ApiError && error.status !== 404 ? error.message : null }),
    );
  }, [store, api, id]);
  return failure?.id === id ? failure : null;
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
