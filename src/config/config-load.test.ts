import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { GuardianError } from '../errors.ts';
import { configSentence } from './config-problem.ts';
import { loadConfig, requireValid } from './config-load.ts';

function folderWith(t: TestContext, yaml?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-config-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  if (yaml !== undefined) writeFileSync(join(folder, 'guardian.yaml'), yaml);
  return folder;
}

const load = (cwd: string, env: Record<string, string> = {}, flags: Record<string, string> = {}) => loadConfig({ cwd, env, flags });
const said = (loaded: ReturnType<typeof loadConfig>) => loaded.problems.map((problem) => configSentence('en', problem));

test('without any source everything has its default', (t) => {
  const { config, origins, problems } = load(folderWith(t));
  assert.deepEqual(problems, []);
  assert.equal(config.http.port, 8001);
  assert.equal(config.http.host, '127.0.0.1');
  assert.equal(config.locale, 'pt-BR');
  assert.deepEqual(config.alert.receivers, []);
  assert.deepEqual(origins['http.port'], { source: 'default', name: 'default' });
  assert.equal(origins['detect.model'], undefined);
});

test('file beats default, environment beats file, flag beats environment', (t) => {
  const cwd = folderWith(t, 'http:\n  port: 1001\n  host: 0.0.0.0\nlocale: en\nwindow: { late_s: 30 }\n');
  const { config, origins, problems } = load(cwd, { GUARDIAN_HTTP_PORT: '1002', GUARDIAN_LOCALE: 'pt-BR' }, { 'http.port': '1003' });
  assert.deepEqual(problems, []);
  assert.deepEqual([config.http.port, config.http.host, config.locale, config.window.late_s], [1003, '0.0.0.0', 'pt-BR', 30]);
  assert.deepEqual(origins['http.port'], { source: 'flag', name: '--http.port' });
  assert.deepEqual(origins['http.host'], { source: 'file', name: 'guardian.yaml' });
  assert.deepEqual(origins['locale'], { source: 'environment', name: 'GUARDIAN_LOCALE' });
});

describe('text becomes the type of the setting', () => {
  const rows: readonly [string, string, (config: ReturnType<typeof load>['config']) => unknown, unknown][] = [
    ['GUARDIAN_LOG_PRETTY', 'yes', (c) => c.log.pretty, true],
    ['GUARDIAN_LOG_PRETTY', '0', (c) => c.log.pretty, false],
    ['GUARDIAN_ALERT_GROUP_WAIT_S', '0.5', (c) => c.alert.group_wait_s, 0.5],
    ['GUARDIAN_DATA_DIR', '1234', (c) => c.data_dir, '1234'],
    ['GUARDIAN_HTTP_PORT', '', (c) => c.http.port, 8001],
    [
      'GUARDIAN_ALERT_RECEIVERS',
      '[{"name":"a","url":"http://x"}]',
      (c) => c.alert.receivers,
      [{ kind: 'webhook', name: 'a', url: 'http://x', send_resolved: true, briefings: true, silence_notices: true, receipts: false }],
    ],
    ['GUARDIAN_ALERT_RECEIVERS', '- name: b\n  url: https://y\n  send_resolved: false', (c) => c.alert.receivers[0]?.send_resolved, false],
  ];
  for (const [name, text, pick, expected] of rows) {
    test(`${name}=${JSON.stringify(text)}`, (t) => {
      const loaded = load(folderWith(t), { [name]: text });
      assert.deepEqual(said(loaded), []);
      assert.deepEqual(pick(loaded.config), expected);
    });
  }
});

describe('a problem names the setting, the rule and where it came from', () => {
  const rows: readonly [string, { yaml?: string; env?: Record<string, string>; flags?: Record<string, string> }, string][] = [
    ['a number that is none', { env: { GUARDIAN_HTTP_PORT: 'abc' } }, 'http.port must be a number, not "abc" (GUARDIAN_HTTP_PORT)'],
    ['a number out of range', { flags: { 'http.port': '99999' } }, 'http.port must be <= 65535, not 99999 (--http.port)'],
    ['a word that is not a choice', { yaml: 'locale: fr' }, 'locale must be one of pt-BR, en, not "fr" (guardian.yaml)'],
    ['a wrong type in the file', { yaml: 'http: { port: "80" }' }, 'http.port must be an integer, not "80" (guardian.yaml)'],
    ['an unknown key', { yaml: 'htpp: { port: 1 }' }, 'htpp is not a setting; did you mean http? (guardian.yaml)'],
    ['an unknown nested key', { yaml: 'http: { prot: 1 }' }, 'http.prot is not a setting; did you mean http.port? (guardian.yaml)'],
    [
      'an unknown variable',
      { env: { GUARDIAN_HTTP_PROT: '1' } },
      'GUARDIAN_HTTP_PROT is not a setting; did you mean GUARDIAN_HTTP_PORT? (GUARDIAN_HTTP_PROT)',
    ],
    ['an unknown flag', { flags: { 'log.levl': 'info' } }, 'log.levl is not a setting; did you mean log.level? (--log.levl)'],
    ['a section that is a value', { yaml: 'http: 8001' }, 'http must be a section with settings (guardian.yaml)'],
    [
      'a time zone that does not exist',
      { env: { GUARDIAN_TIME_ZONE: 'Mars/Base' } },
      'time_zone must be an IANA time zone such as America/Sao_Paulo, not "Mars/Base" (GUARDIAN_TIME_ZONE)',
    ],
    ['a receiver without an address', { yaml: 'alert: { receivers: [{ name: a }] }' }, 'alert.receivers [0]: needs url (guardian.yaml)'],
    [
      'a receiver with a wrong address',
      { yaml: 'alert: { receivers: [{ name: a, url: "ftp://x" }] }' },
      'alert.receivers [0].url: must match ^https?:// (guardian.yaml)',
    ],
    [
      'a receiver with a port that HTTP clients refuse',
      { yaml: 'alert: { receivers: [{ name: a, url: "https://x:6000/hook?key=s3cret" }] }' },
      'alert.receivers [0].url: uses port 6000, which HTTP clients refuse to connect to (guardian.yaml)',
    ],
    [
      'a receiver whose address is no URL',
      { yaml: 'alert: { receivers: [{ name: a, url: "http://x:99999/s3cret" }] }' },
      'alert.receivers [0].url: must be a URL such as https://example.com/hook (guardian.yaml)',
    ],
    [
      'a receiver with a token and credentials',
      { yaml: 'alert: { receivers: [{ name: a, url: "http://x" }, { name: b, url: "http://u:s3cret@y", token: t }] }' },
      'alert.receivers [1]: has both a token and credentials in its url; give one of them (guardian.yaml)',
    ],
    [
      'a receiver with an unknown key',
      { yaml: 'alert: { receivers: [{ name: a, url: "http://x", tokn: b }] }' },
      'alert.receivers [0]: has unknown keys: tokn (guardian.yaml)',
    ],
  ];
  for (const [name, { yaml, env, flags }, expected] of rows) {
    test(name, (t) => assert.deepEqual(said(load(folderWith(t, yaml), env, flags)), [expected]));
  }
});

test('all problems come together, and the valid settings stay', (t) => {
  const loaded = load(folderWith(t, 'http: { port: -1, host: 0.0.0.0 }\nlocale: x'), { GUARDIAN_NOPE: '1' });
  assert.equal(loaded.problems.length, 3);
  assert.equal(loaded.config.http.host, '0.0.0.0');
  assert.equal(loaded.config.http.port, 8001);
  assert.throws(
    () => requireValid(loaded),
    (error: unknown) => error instanceof GuardianError && error.code === 'CONFIG_INVALID' && error.message.includes('3 problems'),
  );
});

test('a broken or missing file is a problem, an absent default file is not', (t) => {
  const cwd = folderWith(t, 'http: [unclosed');
  assert.match(said(load(cwd)).join(), /^\(file\) is not valid YAML/);
  assert.match(said(loadConfig({ cwd, env: {}, file: 'other.yaml' })).join(), /^\(file\) cannot be read: .*other\.yaml/);
});

test('a secret whose file cannot be read is one problem, not also a missing setting', (t) => {
  const cwd = folderWith(
    t,
    `store: { engine: postgres, url: { file: no/url } }
bus:
  engine: kafka
  kafka:
    brokers: [kafka-1:9092]
    sasl: { mechanism: SCRAM-SHA-512, username: guardian, password: { file: no/password } }
`,
  );
  assert.deepEqual(
    load(cwd).problems.map(({ setting, rule }) => [setting, rule]),
    [
      ['store.url', 'file'],
      ['bus.kafka.sasl.password', 'file'],
    ],
  );
});

test('a secret is never part of a problem', (t) => {
  const loaded = load(folderWith(t), { GUARDIAN_ALERT_RECEIVERS: '"hunter2-token"' });
  assert.equal(loaded.problems.length, 1);
  assert.doesNotMatch(said(loaded).join(), /hunter2/);
});

test('the result is frozen to the bottom', (t) => {
  const { config } = load(folderWith(t, 'alert: { receivers: [{ name: a, url: "http://x" }] }'));
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.http) && Object.isFrozen(config.alert.receivers[0]));
});

describe('limits of severities', () => {
  test('one limit of a class from the file, another from the environment; the rest are defaults', (t) => {
    const cwd = folderWith(t, 'detect: { severity: { currency: USD, merchant: { critical: { share: 0.3, lost_amount: 100000 } } } }\n');
    const { config, problems } = load(cwd, { GUARDIAN_DETECT_SEVERITY_AUTH_CODE_CRITICAL_FLEET_SHARE: '0.2' });
    assert.deepEqual(problems, []);
    const { currency, merchant, auth_code: code, slice } = config.detect.severity;
    assert.deepEqual(
      [currency, merchant.critical.share, merchant.critical.lost_amount, code.critical.fleet_share],
      ['USD', 0.3, 100_000, 0.2],
    );
    assert.deepEqual([merchant.critical.fleet_share, slice.critical.share, slice.critical.lost_amount], [0.1, 0.5, undefined]);
  });

  test('a wrong one is named with its rule', (t) => {
    const cwd = folderWith(
      t,
      'detect:\n  severity:\n    currency: reais\n    fleet: { critical: { share: 0.2, fleet_share: 20 }, panic: {} }\n    slice: { warning: { lost_minutes: many } }\n',
    );
    assert.deepEqual(said(load(cwd)), [
      'detect.severity.currency must match ^[A-Z]{3}$, not "reais" (guardian.yaml)',
      'detect.severity.fleet.critical.share is not a setting; did you mean detect.severity.slice.critical.share? (guardian.yaml)',
      'detect.severity.fleet.critical.fleet_share must be <= 1, not 20 (guardian.yaml)',
      'detect.severity.fleet.panic is not a setting; did you mean detect.severity.fleet.warning? (guardian.yaml)',
      'detect.severity.slice.warning.lost_minutes must be a number, not "many" (guardian.yaml)',
    ]);
  });

  test('a warning that needs more than a critical is refused, whichever of both was set', (t) => {
    const cwd = folderWith(t, 'detect: { severity: { acquirer: { critical: { fleet_share: 0.02 } } } }\n');
    const loaded = load(cwd, { GUARDIAN_DETECT_SEVERITY_MERCHANT_WARNING_LOST_MINUTES: '9' });
    assert.deepEqual(said(loaded), [
      'detect.severity.acquirer.warning.fleet_share must be at most that of critical (0.02), not 0.05 (guardian.yaml)',
      'detect.severity.merchant.warning.lost_minutes must be at most that of critical (5), not 9 (GUARDIAN_DETECT_SEVERITY_MERCHANT_WARNING_LOST_MINUTES)',
    ]);
    assert.equal(loaded.config.detect.severity.acquirer.critical.fleet_share, 0.1, 'a complete and valid configuration all the same');
  });
});
