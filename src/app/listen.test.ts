import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostNames } from './listen.ts';

const http = (hosts: readonly string[]) => ({ host: '0.0.0.0', hosts }) as unknown as Parameters<typeof hostNames>[0]['http'];
const alert = (url: string | undefined) => ({ external_url: url }) as unknown as Parameters<typeof hostNames>[0]['alert'];

test('a server answers to its address, to the names of its service and to the address that messages name', () => {
  assert.deepEqual(hostNames({ http: http(['guardian-api']), alert: alert('https://guardian.example.com/console') }), [
    '0.0.0.0',
    'guardian-api',
    'guardian.example.com',
  ]);
  assert.deepEqual(hostNames({ http: http([]), alert: alert(undefined) }), ['0.0.0.0']);
  assert.deepEqual(hostNames({ http: http([]), alert: alert('guardian') }), ['0.0.0.0'], 'what is no address adds nothing');
});
