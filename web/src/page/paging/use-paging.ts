import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import { formatSliceOf, formatType } from '../../ui/format.ts';
import { useDeskWords } from '../parts/desk-words.ts';
import { keepChoice, readChoice, type PagingChoice } from './choice.ts';
import { showNotice } from './notice.ts';
import { createPager } from './pager.ts';
import { createSound, type SoundState } from './sound.ts';

/** What was tested, and why something was not. */
export interface Tested {
  readonly sound: boolean | null;
  /** Null: it is off; '': it was shown; else why not. */
  readonly notice: string | null;
}

export interface Paging {
  readonly choice: PagingChoice;
  readonly choose: (choice: PagingChoice) => void;
  readonly sound: SoundState;
  /** Does what a page does, with a text that says that it is a test. */
  readonly test: () => Promise<Tested>;
}

interface PagingOptions {
  /** The alerts that fire; `isLoaded`: as the server says. */
  readonly alerts: readonly AlertView[];
  readonly isLoaded: boolean;
  readonly onOpen: (alert: AlertView) => void;
}

const sound = createSound();

/** Sounds and notifies in this browser for what pages, as was chosen here. */
export function usePaging({ alerts, isLoaded, onOpen }: PagingOptions): Paging {
  const { d, t, locale } = useDeskWords();
  const [choice, setChoice] = useState(readChoice);
  const [soundState, setSoundState] = useState<SoundState>('blocked');
  const page = useCallback(
    (begun: readonly AlertView[]) => {
      const [first] = begun;
      if (first === undefined) return;
      if (choice.sound) void sound.play();
      if (!choice.notify) return;
      const title = begun.length === 1 ? formatType(locale, first.type) : d('desk.paging.storm', { n: begun.length });
      const what = formatSliceOf(locale, first.type, first.slice);
      showNotice(
        title,
        begun.length === 1 ? `${what}\n${t(`alert.action.${first.type}`)}` : `${formatType(locale, first.type)}\n${what}`,
        () => onOpen(first),
      );
    },
    [choice, d, t, locale, onOpen],
  );
  // The pager outlives a change of language or choice: what it has seen, it has seen.
  const latest = useRef(page);
  useEffect(() => {
    latest.current = page;
  });
  const pager = useRef<ReturnType<typeof createPager> | null>(null);
  useEffect(() => {
    const made = createPager({
      page: (begun) => latest.current(begun),
      now: () => Date.now(),
      later(work, ms) {
        const timer = setTimeout(work, ms);
        return () => clearTimeout(timer);
      },
    });
    pager.current = made;
    return () => made.stop();
  }, []);
  useEffect(() => pager.current?.see(alerts, isLoaded), [alerts, isLoaded]);
  useEffect(() => {
    if (!choice.sound) return;
    const look = () => setSoundState(sound.state());
    look();
    return sound.watch(look);
  }, [choice.sound]);
  const test = useCallback(async (): Promise<Tested> => {
    const played = choice.sound ? await sound.play() : null;
    setSoundState(choice.sound ? sound.state() : 'blocked');
    const shown = choice.notify ? (showNotice(d('desk.paging.test_title'), d('desk.paging.test_body'), () => undefined) ?? '') : null;
    return { sound: played, notice: shown };
  }, [choice, d]);
  return useMemo(
    () => ({
      choice,
      choose: (next) => {
        keepChoice(next);
        setChoice(next);
      },
      sound: soundState,
      test,
    }),
    [choice, soundState, test],
  );
}
