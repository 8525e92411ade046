// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';
import { createSound } from './sound.ts';

/** An audio context that plays nothing before somebody has touched the page. */
function aContext() {
  const context = Object.assign(new EventTarget(), {
    state: 'suspended',
    touched: false,
    currentTime: 0,
    destination: {},
    resume: async () => {
      // Without a touch the promise stays open, as that of browsers does.
      if (!context.touched) return new Promise<void>(() => undefined);
      context.state = 'running';
      context.dispatchEvent(new Event('statechange'));
    },
  });
  return context;
}
const asContext = (context: object) => () => context as unknown as AudioContext;

test('a sound that the browser blocks says so, and does not count as played', async () => {
  const sound = createSound(asContext(aContext()));
  expect(sound.state()).toBe('blocked');
  expect(await sound.play()).toBe(false);
});

test('the first touch of the page frees the sound, and whoever watches hears of it', async () => {
  const context = aContext();
  const sound = createSound(asContext(context));
  const onChange = vi.fn();
  const end = sound.watch(onChange);
  context.touched = true;
  document.dispatchEvent(new Event('pointerdown'));
  await vi.waitFor(() => expect(onChange).toHaveBeenCalled());
  expect(sound.state()).toBe('ready');
  end();
});

test('a browser without sounds says that it has none', async () => {
  const sound = createSound(() => {
    throw new Error('no audio device');
  });
  expect(sound.state()).toBe('missing');
  expect(await sound.play()).toBe(false);
});
