import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routedUrl } from './api-paths.ts';

const ask = (url: string, headers: Record<string, string> = {}, method = 'GET') => routedUrl({ url, headers, method });
const BROWSER = { 'sec-fetch-mode': 'navigate', accept: 'text/html,*/*' };

test('an alias leads to the route below the base, with what follows it', () => {
  assert.equal(ask('/health'), '/api/v1/health');
  assert.equal(ask('/series?node=fleet'), '/api/v1/series?node=fleet');
  assert.equal(ask('/anomalies/an_1/feedback', {}, 'POST'), '/api/v1/anomalies/an_1/feedback');
});

test('other addresses stay as they are', () => {
  for (const url of ['/', '/api/v1/health', '/docs', '/openapi.json', '/assets/a.js', '/healthy', '/seriesx?y', '/?token=1'])
    assert.equal(ask(url), url);
});

test('a page navigation to an address of the console gets the page', () => {
  assert.equal(ask('/alerts', BROWSER), '/alerts');
  assert.equal(ask('/anomalies/an_1?range=3h', BROWSER), '/anomalies/an_1?range=3h');
  assert.equal(ask('/alerts', { accept: 'text/html' }), '/alerts');
});

test('a script of a page, a program and a change get the API', () => {
  assert.equal(ask('/alerts', { 'sec-fetch-mode': 'cors', accept: 'text/html' }), '/api/v1/alerts');
  assert.equal(ask('/alerts', { accept: '*/*' }), '/api/v1/alerts');
  assert.equal(ask('/anomalies/an_1/feedback', BROWSER, 'DELETE'), '/api/v1/anomalies/an_1/feedback');
});

test('a browser that opens an address which is no page of the console gets the API', () => {
  assert.equal(ask('/health', BROWSER), '/api/v1/health');
});
