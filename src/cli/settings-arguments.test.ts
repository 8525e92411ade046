import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { takeSettings } from './settings-arguments.ts';

describe('settings are taken out of the arguments wherever they stand', () => {
  const rows: readonly [readonly string[], readonly string[], Readonly<Record<string, string>>][] = [
    [['up', '--http.port', '9000'], ['up'], { 'http.port': '9000' }],
    [['--http.port=9000', 'up', '--demo'], ['up', '--demo'], { 'http.port': '9000' }],
    [['up', '--set', 'http.port=9000', '--set', 'locale=en'], ['up'], { 'http.port': '9000', locale: 'en' }],
    [['up', '--set=alert.external_url=http://x/?a=b'], ['up'], { 'alert.external_url': 'http://x/?a=b' }],
    [['status', '--data-dir', '/tmp/x'], ['status'], { data_dir: '/tmp/x' }],
    [['up', '--log.pretty', '--demo'], ['up', '--demo'], { 'log.pretty': 'true' }],
    [['up', '--log.pretty'], ['up'], { 'log.pretty': 'true' }],
    [['import', 'a.csv', '--date', '2025-07-12'], ['import', 'a.csv', '--date', '2025-07-12'], {}],
    [['analyze', '-'], ['analyze', '-'], {}],
    [['import', '--', '--http.port'], ['import', '--', '--http.port'], {}],
  ];
  for (const [args, rest, flags] of rows) {
    test(args.join(' '), () => {
      const taken = takeSettings(args);
      assert.deepEqual(taken.rest, rest);
      assert.deepEqual(taken.flags, flags);
    });
  }
});

test('the configuration file and --debug are taken too', () => {
  assert.deepEqual(takeSettings(['up', '--config', 'x.yaml', '--debug']), { rest: ['up'], flags: {}, file: 'x.yaml', debug: true });
});
