import { expect, test, vi } from 'vitest';
import { ApiError } from './ask.ts';
import { openSessionFromAddress } from './session.ts';

const at = (href: string) => ({ href });

test('the token is traded for a session and leaves the address, the rest of it stays', async () => {
  const openSession = vi.fn(async () => undefined);
  const replaceState = vi.fn();
  expect(await openSessionFromAddress({ openSession }, at('http://x/?token=abc&q=m-1#an_1'), { replaceState }, () => null)).toBe(true);
  expect(openSession).toHaveBeenCalledWith('abc');
  expect(replaceState).toHaveBeenCalledWith(null, '', 'http://x/?q=m-1#an_1');
});

test('a refused token is reported, and it has left the address too', async () => {
  const replaceState = vi.fn();
  const openSession = async () => Promise.reject(new ApiError(401, 'used'));
  expect(await openSessionFromAddress({ openSession }, at('http://x/?token=abc'), { replaceState }, () => null)).toBe(false);
  expect(replaceState).toHaveBeenCalledWith(null, '', 'http://x/');
});

test('the server says that a link had expired', async () => {
  expect(await openSessionFromAddress({ openSession: vi.fn() }, at('http://x/?link=expired'), { replaceState: vi.fn() }, () => null)).toBe(
    false,
  );
});

test('a link without a page of its own leads to the page that was wanted, one with a page stays there', async () => {
  const openSession = vi.fn(async () => undefined);
  const replaceState = vi.fn();
  await openSessionFromAddress({ openSession }, at('http://x/?token=abc'), { replaceState }, () => '/anomalies/an_1');
  expect(replaceState).toHaveBeenLastCalledWith(null, '', '/anomalies/an_1');
  await openSessionFromAddress({ openSession }, at('http://x/alerts?token=abc'), { replaceState }, () => '/anomalies/an_1');
  expect(replaceState).toHaveBeenLastCalledWith(null, '', 'http://x/alerts');
});

test('a link that is refused leaves what was wanted for the next one', async () => {
  const wanted = vi.fn(() => '/alerts');
  const openSession = async () => Promise.reject(new ApiError(401, 'used'));
  await openSessionFromAddress({ openSession }, at('http://x/?token=abc'), { replaceState: vi.fn() }, wanted);
  expect(wanted).not.toHaveBeenCalled();
});

test('a path that looks like another server is one of this', async () => {
  const replaceState = vi.fn();
  await openSessionFromAddress({ openSession: vi.fn() }, at('http://x//evil.example/y?token=abc'), { replaceState }, () => null);
  expect(replaceState).toHaveBeenCalledWith(null, '', 'http://x//evil.example/y');
});
