import { useCallback, useMemo, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import type { Role } from '@transaction-guardian/contracts/role.ts';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { Ask } from '../../live/ask.ts';
import type { LiveState } from '../../live/model.ts';
import { formatAlert } from '../../ui/format.ts';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { useTalk } from '../chat/talk.ts';
import { Palette } from '../palette/palette.tsx';
import { foundItems, type PaletteItem } from '../palette/palette-items.ts';
import { mayAct, openPages } from '../navigation.ts';
import { usePaging } from '../paging/use-paging.ts';
import { SNOOZES } from '../respond/respond-bar.tsx';
import type { Responding } from '../respond/responding.ts';
import type { ConsoleRoute } from '../route.ts';
import { SettingsPage } from '../settings/settings-page.tsx';
import { createAccessApi } from '../settings/access-api.ts';
import { useDeskWords } from '../parts/desk-words.ts';
import type { Desk } from '../parts/use-desk.ts';
import '../../styles/desk.css';

export interface DeskLayerProps {
  readonly desk: Desk;
  readonly state: LiveState;
  readonly ask: Ask;
  readonly responding: Responding;
  /** The alert of the open page; undefined on other pages, and until the alerts are loaded. */
  readonly shownAlert: AlertView | undefined;
  /** Where the page of settings stands; null while it is not open. */
  readonly settings: HTMLElement | null;
  /** The page's clock, epoch milliseconds. */
  readonly now: number;
  readonly onGo: (route: ConsoleRoute) => void;
  readonly onMerchant: (id: string) => void;
  readonly onHelp: () => void;
}

/** What comes after the first script: palette, chat, settings, and what this browser does when an alert pages. */
export function DeskLayer(props: DeskLayerProps) {
  const { desk, state, ask, settings, now, onGo } = props;
  const { d } = useDeskWords();
  const api = useMemo(() => createAccessApi(ask), [ask]);
  const talk = useTalk(useCallback((message) => ask.send('POST', '/chat', message), [ask]));
  const openAlert = useCallback((alert: AlertView) => onGo({ page: 'alert', id: alert.anomaly_id }), [onGo]);
  const paging = usePaging({ alerts: state.alerts, isLoaded: state.loaded, onOpen: openAlert });
  return (
    <>
      {settings !== null && createPortal(<SettingsPage {...{ api, paging, now }} />, settings)}
      {paging.choice.sound && paging.sound === 'blocked' && (
        <button type="button" className="tool desk-toast">
          {d('desk.paging.blocked')}
        </button>
      )}
      {desk.chat !== null && <ChatPanel talk={talk} opening={desk.chat} onClose={desk.closeChat} />}
      {desk.palette !== null && <OpenPalette key={desk.palette.opening} {...props} opened={desk.palette} onAlert={openAlert} />}
    </>
  );
}

interface OpenPaletteProps extends DeskLayerProps {
  readonly opened: NonNullable<Desk['palette']>;
  readonly onAlert: (alert: AlertView) => void;
}

function OpenPalette(props: OpenPaletteProps): ReactNode {
  const { desk, opened, state, shownAlert, onAlert, onGo, onMerchant } = props;
  const words = useDeskWords();
  const role = state.actor?.role ?? null;
  const nameOf = (alert: AlertView): string => formatAlert(words.locale, alert);
  // A palette that opened before the alerts were loaded acts on the page's alert as soon as they are.
  const selected = state.alerts.find(({ fingerprint }) => fingerprint === opened.alert) ?? shownAlert;
  const items: readonly PaletteItem[] = [
    ...(selected === undefined || !mayAct(role) ? [] : actsOn(selected, nameOf(selected), props, words.d)),
    ...pageItems(onGo, role, words),
    { id: 'chat', kind: 'act', label: words.d('desk.palette.chat'), keys: 'C', run: () => desk.openChat() },
    { id: 'help', kind: 'act', label: words.d('desk.palette.help'), keys: '?', run: props.onHelp },
    ...foundItems(state, nameOf, { alert: onAlert, merchant: onMerchant }),
  ];
  return <Palette items={items} onClose={() => desk.closePalette(opened.opening)} onAsk={(line) => desk.openChat(line, true)} />;
}

type Say = ReturnType<typeof useDeskWords>['d'];

function actsOn(alert: AlertView, what: string, { responding, desk }: DeskLayerProps, d: Say): readonly PaletteItem[] {
  const act = (id: string, keys: string, label: string, run: () => void): PaletteItem => ({ id, kind: 'act', keys, label, run });
  return [
    ...(alert.acknowledged_by === null
      ? [act('acknowledge', 'A', d('desk.palette.acknowledge', { what }), () => responding.acknowledge(alert))]
      : []),
    ...(alert.snoozed_until === null
      ? SNOOZES.map((minutes, index) =>
          act(`snooze-${minutes}`, index === 0 ? 'S' : '', d('desk.palette.snooze', { minutes, what }), () =>
            responding.snooze(alert, minutes),
          ),
        )
      : []),
    act('runbook', 'R', d('desk.palette.runbook', { what }), () => desk.openChat(`runbook ${alert.fingerprint}`)),
  ];
}

function pageItems(onGo: (route: ConsoleRoute) => void, role: Role | null, { t }: ReturnType<typeof useDeskWords>): readonly PaletteItem[] {
  const page = (route: ConsoleRoute, label: string): PaletteItem => ({
    id: `page-${route.page}`,
    kind: 'page',
    label,
    keys: '',
    run: () => onGo(route),
  });
  return openPages(role).map(({ page: name, name: key }) => page({ page: name }, t(key)));
}
