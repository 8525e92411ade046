import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { IncidentPage } from '@transaction-guardian/contracts/incident.ts';
import type { AlertPage } from '@transaction-guardian/contracts/read.ts';
import { openMenu, skip } from './chromium.ts';
import { lookAt, signIn } from './signed-in.ts';

test('an incident is opened, taken, noted, resolved and reviewed in the console', { skip, timeout: 900_000 }, async (t) => {
  const { product, page, errors, calmDown } = await signIn(t);
  const { items: alerts } = await product.get<AlertPage>('/alerts');
  const fingerprints = alerts.map(({ fingerprint }) => fingerprint);
  const opened = await product.act(
    '/incidents',
    JSON.stringify({ title: 'Emissor recusa <b>tudo</b>', alerts: fingerprints, priority: 'P1' }),
  );
  assert.equal(opened.status, 201);

  await page.getByRole('link', { name: 'Incidentes' }).click();
  await page.getByRole('link', { name: 'Emissor recusa <b>tudo</b>' }).waitFor();
  await page.getByLabel('Prioridade').first().selectOption('P4');
  await page.getByText('Nenhum incidente com estes filtros.').waitFor();
  assert.match(page.url(), /\/incidents\?priority=P4$/);
  await page.reload();
  await page.getByText('Nenhum incidente com estes filtros.').waitFor();
  await page.getByLabel('Prioridade').first().selectOption('P1');
  await page.getByRole('link', { name: 'Emissor recusa <b>tudo</b>' }).waitFor();
  await lookAt(page, 'incidents');

  await page.getByRole('link', { name: 'Emissor recusa <b>tudo</b>' }).click();
  assert.equal(new URL(page.url()).pathname, '/incidents/inc-1');
  await page.getByRole('button', { name: 'Assumir' }).click();
  await page.getByRole('button', { name: 'Deixar de ser responsável' }).waitFor();
  await page.getByText('triado', { exact: true }).first().waitFor();
  await page.getByLabel('Prioridade').selectOption('P2');
  await page.getByText('Prioridade: P1 → P2').waitFor();
  await lookAt(page, 'incident');

  await page.getByRole('link', { name: 'Linha do tempo' }).click();
  await page.getByLabel('Nota').fill('emissor avisado');
  await page.getByRole('button', { name: 'Adicionar nota' }).click();
  await page.locator('.entry-note', { hasText: 'emissor avisado' }).waitFor();
  await page.locator('.snapshot svg').first().waitFor();
  await lookAt(page, 'incident-timeline');

  await page.getByRole('link', { name: 'Alertas', exact: true }).last().click();
  await page.locator('.item-row').first().waitFor();
  assert.equal(await page.locator('.item-row').count(), alerts.length);
  await page.getByRole('link', { name: 'Runbooks', exact: true }).last().click();
  await page.getByRole('link', { name: 'check-dependencies' }).waitFor();
  await lookAt(page, 'incident-runbooks');

  await calmDown();
  await page.getByRole('button', { name: 'Resolver' }).click();
  await page.getByRole('button', { name: 'Começar post-mortem' }).click();
  await page.getByRole('link', { name: 'Post-mortem' }).click();
  await page.getByRole('heading', { name: 'Post-mortem inc-1: Emissor recusa <b>tudo</b>' }).waitFor();
  assert.equal(await page.locator('.document b').count(), 0, 'a title is no markup');
  await lookAt(page, 'incident-postmortem');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Baixar Markdown' }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), 'inc-1.md');
  assert.match(await readFile(await saved.path(), 'utf8'), /^# Post-mortem inc-1: .*emissor avisado/s);

  await openMenu(page);
  await page.getByRole('button', { name: 'EN', exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: /^Post-mortem inc-1/ }).waitFor();
  await page
    .getByText('A draft made from the timeline')
    .or(page.getByRole('heading', { name: 'Summary' }))
    .first()
    .waitFor();

  await page.getByRole('link', { name: 'Back to the list' }).click();
  await page.getByText('Open incident').first().click();
  await page.getByLabel('Title').fill('support calls about PIX');
  await page.getByRole('button', { name: 'Open incident' }).click();
  await page.getByRole('heading', { name: 'inc-2 · support calls about PIX' }).waitFor();
  const { items } = await product.get<IncidentPage>('/incidents');
  assert.deepEqual(
    items.map(({ title, state, priority }) => [title, state, priority]),
    [
      ['support calls about PIX', 'detected', 'P3'],
      ['Emissor recusa <b>tudo</b>', 'postmortem', 'P2'],
    ],
  );
  assert.deepEqual(errors, []);
});
