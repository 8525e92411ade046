import { useSyncExternalStore } from 'react';
import { INITIAL_STATE, type LiveAction, type LiveState } from './model.ts';
import { reduce } from './reducer.ts';

/** Holds the state of the page and notifies React, at most once a frame. */
export interface Store {
  get(): LiveState;
  dispatch(action: LiveAction): void;
  subscribe(listener: () => void): () => void;
}

/** Runs `work` soon, once; the page uses the next frame. */
export type ScheduleWork = (work: () => void) => void;

/** Next frame, or 200 ms when the page is hidden and no frame comes. */
export const nextFrame: ScheduleWork = (work) => {
  if (document.hidden) setTimeout(work, 200);
  else requestAnimationFrame(work);
};

/** Makes a store. Actions apply at once; listeners hear of all actions of one frame together. */
export function createStore(schedule: ScheduleWork = nextFrame, initial: LiveState = INITIAL_STATE): Store {
  let state = initial;
  let isScheduled = false;
  const listeners = new Set<() => void>();
  const notify = () => {
    isScheduled = false;
    for (const listener of listeners) listener();
  };
  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      if (isScheduled) return;
      isScheduled = true;
      schedule(notify);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The part of the state that a component needs. `pick` must return the same object for the same state. */
export function useStore<T>(store: Store, pick: (state: LiveState) => T): T {
  return useSyncExternalStore(store.subscribe, () => pick(store.get()));
}
