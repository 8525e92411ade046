// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest';
import { isLocal, keepWanted, takeWanted } from './wanted.ts';

beforeEach(() => localStorage.clear());

test('the page that was wanted is given back once', () => {
  keepWanted('/anomalies/an_1?q=m-1', 1000);
  expect(takeWanted(2000)).toBe('/anomalies/an_1?q=m-1');
  expect(takeWanted(2000)).toBeNull();
});

test('after 15 minutes nothing is wanted any more, nor before it was asked for', () => {
  keepWanted('/alerts', 1000);
  expect(takeWanted(1000 + 15 * 60_000)).toBeNull();
  keepWanted('/alerts', 10_000_000);
  expect(takeWanted(0)).toBeNull();
});

test('nothing leads to another server, whatever is stored', () => {
  for (const path of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
  ])
    expect(isLocal(path), path).toBe(false);
  for (const path of ['/', '/alerts', '/anomalies/a%2Fb?q=//x#y']) expect(isLocal(path), path).toBe(true);
  for (const kept of ['', '{', 'null', '5', '{"path":5,"until":9}', '{"path":"//evil.example","until":900000}']) {
    localStorage.setItem('guardian.wanted', kept);
    expect(takeWanted(1000), kept).toBeNull();
  }
});

test('a browser that refuses storage signs in all the same', () => {
  const refuse = () => {
    throw new Error('SecurityError');
  };
  const storage = { getItem: refuse, setItem: refuse, removeItem: refuse };
  keepWanted('/alerts', 1000, storage);
  expect(takeWanted(1000, storage)).toBeNull();
});
