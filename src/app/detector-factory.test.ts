import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import defaultModel from '../detect/forest/default-model.json' with { type: 'json' };
import { loadConfig } from './config-load.ts';
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
