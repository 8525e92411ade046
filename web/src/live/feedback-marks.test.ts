import { expect, test, vi } from 'vitest';
import { createFeedbackActions } from './feedback-actions.ts';
import { applyMark, NO_MARKS, setOwn, type VerdictMark } from './feedback-marks.ts';
import { createStore } from './store.ts';

const noise: VerdictMark = { number: 7, anomaly_id: 'an_1', verdict: 'noise', by: 'ana', by_name: 'Ana' };
const ofBia: VerdictMark = { ...noise, number: 8, by: 'bia', by_name: 'Bia', verdict: 'useful' };

test('the stream adds, replaces and ends verdicts, and may tell them twice', () => {
  const one = applyMark(applyMark(NO_MARKS, { ends: [], given: noise }), { ends: [], given: noise });
  expect(one.marks).toEqual([noise]);
  const useful: VerdictMark = { ...noise, number: 9, verdict: 'useful' };
  const replaced = applyMark(applyMark(one, { ends: [], given: ofBia }), { ends: [7], given: useful });
  expect(replaced.marks).toEqual([ofBia, useful]);
  expect(applyMark(replaced, { ends: [8, 9], given: null }).marks).toEqual([]);
});

test('what one person says leaves what others say alone', () => {
  const state = setOwn({ actor: 'ana', marks: [ofBia, noise], failure: null }, { anomalyId: 'an_1', by: 'ana', mark: null, failure: null });
  expect(state.marks).toEqual([ofBia]);
});

test('a verdict shows at once, stays when the server takes it, and goes back when it refuses', async () => {
  const store = createStore((work) => work());
  store.dispatch({ type: 'feedback', actor: 'ana', marks: [] });
  const giveFeedback = vi.fn(async () => ({ ...feedback }));
  const withdrawFeedback = vi.fn(async () => Promise.reject(new Error('no')));
  const actions = createFeedbackActions({ store, api: { giveFeedback, withdrawFeedback } });
  const giving = actions.give('an_1', 'noise');
  expect(store.get().feedback.marks[0]?.verdict).toBe('noise');
  await giving;
  expect(giveFeedback).toHaveBeenCalledWith('an_1', { verdict: 'noise' });
  expect(store.get().feedback.marks).toEqual([noise]);
  const taking = actions.withdraw('an_1');
  expect(store.get().feedback.marks).toEqual([]);
  await taking;
  expect(store.get().feedback).toEqual({ actor: 'ana', marks: [noise], failure: { anomalyId: 'an_1', message: 'no' } });
});

test('verdicts that follow each other fast reach the server one after the other, and a refusal goes back to what is in force', async () => {
  const store = createStore((work) => work());
  store.dispatch({ type: 'feedback', actor: 'ana', marks: [noise] });
  const asked: string[] = [];
  const withdrawn = Promise.withResolvers<void>();
  const withdrawFeedback = vi.fn(async () => {
    asked.push('withdraw');
    await withdrawn.promise;
  });
  const giveFeedback = vi.fn(async () => {
    asked.push('give');
    return Promise.reject(new Error('no'));
  });
  const actions = createFeedbackActions({ store, api: { giveFeedback, withdrawFeedback } });
  const taking = actions.withdraw('an_1');
  const giving = actions.give('an_1', 'useful');
  await vi.waitFor(() => expect(asked).toEqual(['withdraw']));
  expect(store.get().feedback.marks[0]?.verdict).toBe('useful');
  withdrawn.resolve();
  await taking;
  expect(store.get().feedback.marks[0]?.verdict, 'the newest shows while its answer is awaited').toBe('useful');
  await giving;
  expect(asked).toEqual(['withdraw', 'give']);
  expect(store.get().feedback).toEqual({ actor: 'ana', marks: [], failure: { anomalyId: 'an_1', message: 'no' } });
});

const feedback = {
  ...noise,
  anomaly_type: 'denials_above_normal',
  node: 'fleet',
  comment: null,
  given_at: '2026-11-22T03:00:00Z',
  minute: '2026-11-22T03:00:00Z',
  in_force: true,
  ended: null,
} as const;
