import { expect, test, vi } from 'vitest';
import { ApiError } from './api.ts';
import { openSessionFromAddress } from './session.ts';

const at = (href: string) => ({ href });

test('the token is traded for a session and leaves the address, the rest of it stays', async () => {
  const openSession = vi.fn(async () => undefined);
  const replaceState = vi.fn();
  expect(await openSessionFromAddress({ openSession }, at('http://x/?token=abc&q=m-1#an_1'), { replaceState })).toBe(true);
  expect(openSession).toHaveBeenCalledWith('abc');
  expect(replaceState).toHaveBeenCalledWith(null, '', '/?q=m-1#an_1');
});

test('a refused token is reported, and it has left the address too', async () => {
  const replaceState = vi.fn();
  const openSession = async () => Promise.reject(new ApiError(401, 'used'));
  expect(await openSessionFromAddress({ openSession }, at('http://x/?token=abc'), { replaceState })).toBe(false);
  expect(replaceState).toHaveBeenCalledWith(null, '', '/');
});

test('the server says that a link had expired', async () => {
  expect(await openSessionFromAddress({ openSession: vi.fn() }, at('http://x/?link=expired'), { replaceState: vi.fn() })).toBe(false);
});
