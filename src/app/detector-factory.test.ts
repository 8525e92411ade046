import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import defaultModel from '../detect/forest/default-model.json' with { type: 'json' };
import { loadConfig } from '../config/config-load.ts';
import { detectorFactory } from './detector-factory.ts';

const factoryWith = (model: string) => detectorFactory(loadConfig({ env: {}, cwd: tmpdir(), flags: { 'detect.model': model } }).config);

test('a model of the user is used, and an unusable one is refused by its name', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'guardian-model-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const good = join(folder, 'mine.json');
  writeFileSync(good, JSON.stringify({ ...defaultModel, version: 'if-mine' }));
  assert.equal(factoryWith(good).modelVersion, 'if-mine');
  // A state whose scores were calibrated on another forest is not taken up.
  assert.notEqual(factoryWith(good).configHash, detectorFactory(loadConfig({ env: {}, cwd: tmpdir() }).config).configHash);
  writeFileSync(join(folder, 'broken.json'), '{}');
  assert.throws(() => factoryWith(join(folder, 'broken.json')), {
    code: 'DETECT_MODEL_INVALID',
    message: /broken\.json \(detect\.model\)/,
  });
  assert.throws(() => factoryWith(join(folder, 'absent.json')), { code: 'DETECT_MODEL_INVALID', message: /ENOENT/ });
});

test('limits of severities stamp what is found, and keep what the detector has learnt', () => {
  const factoryOf = (flags: Readonly<Record<string, string>>) => detectorFactory(loadConfig({ env: {}, cwd: tmpdir(), flags }).config);
  const [usual, other] = [factoryOf({}), factoryOf({ 'detect.severity.merchant.critical.share': '0.3' })];
  assert.notEqual(usual.configHash, other.configHash);
  assert.equal(usual.stateHash, other.stateHash);
  assert.notEqual(usual.stateHash, factoryOf({ time_zone: 'UTC' }).stateHash);
});
