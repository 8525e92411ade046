import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../e2e/free-port.ts';
import { runGuardian, startProduct, waitFor } from '../e2e/product.ts';
import { startFakeTelegram } from './fake-telegram.ts';
import { createGateway } from './gateway.ts';
import { cannotRun, OPENCLAW, OWNER, ROOT } from './night.ts';

test('from an onboarded gateway to the first page, as docs/clawdbot.md says', { timeout: 900_000, skip: cannotRun }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'guardian-setup-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  t.after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  const telegram = await startFakeTelegram();
  ends.push(() => telegram.close());
  const gateway = createGateway({
    folder: join(folder, 'gateway'),
    openclaw: OPENCLAW,
    telegramUrl: telegram.url,
    port: await freePort(),
    plugin: null,
    pluginFolder: join(ROOT, 'plugin'),
  });
  const settings = join(folder, 'guardian.yaml');
  const [data, port] = [join(folder, 'data'), await freePort()];
  await writeFile(
    settings,
    `data_dir: ${data}\nhttp: { port: ${port} }\npeople:\n  - { id: ana, name: Ana, roles: [operator], identities: ["telegram:${OWNER}"] }\n`,
  );
  const guardian = (...args: string[]) => runGuardian([...args, '--config', settings]);

  const setup = await guardian('clawdbot', 'setup', '--owner', `telegram:${OWNER}`, '--openclaw', gateway.configFile, '--file', settings);
  assert.equal(setup.code, 0, setup.output);
  const early = await guardian('doctor');
  assert.match(early.output, /❌ clawdbot clawdbot: .*não responde/);

  const product = await startProduct(data, ['--config', settings, '--http.port', String(port)]);
  ends.push(() => product.stop());
  ends.push(() => gateway.stop());
  await gateway.start();
  const checked = await guardian('doctor', '--page');
  assert.match(checked.output, /✅ clawdbot clawdbot: página de teste entregue/, checked.output);
  const page = await waitFor(async () => telegram.messages(OWNER)[0]);
  assert.match(page.text, /Página de teste do Guardian/);

  telegram.write(OWNER, 'status');
  const answer = await waitFor(async () => telegram.messages(OWNER)[1]);
  assert.match(answer.text, /Transaction Guardian Status/);

  const tokenFile = /file: (\S+webhook-token)/.exec(await readFile(settings, 'utf8'))?.[1] ?? '';
  const token = await readFile(tokenFile, 'utf8');
  await writeFile(
    settings,
    (await readFile(settings, 'utf8')).replace(/token:\s*\n?\s*file: \S+|token: \{ file: \S+ \}/, 'token: another-one'),
  );
  assert.match((await guardian('doctor')).output, /❌ clawdbot clawdbot: .*token/);
  assert.ok(!checked.output.includes(token.trim()) && !setup.output.includes(token.trim()));
});
