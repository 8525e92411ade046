/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OnCallChangeList } from '@transaction-guardian/contracts/oncall.ts';
import { openMenu, skip } from './chromium.ts';
import { lookAt, signIn } from './signed-in.ts';

const SETTINGS = `people:
  - { id: ana, name: Ana, roles: [admin], identities: [console, cli] }
  - { id: bia, name: Bia, roles: [operator], identities: ['telegram:2'] }
oncall:
  schedules:
    - { name: night, layers: [{ people: [ana, bia], starts: '2025-01-06', hand_over: '08:00', every: daily }] }
  escalation:
    - { severities: [critical], steps: [{ after_minutes: 5, receivers: [phone], schedules: [night] }] }
alert:
  receivers: [{ name: phone, url: 'http://127.0.0.1:28399/hook' }]
`;

test('who is on call, an override and a swap, the hand-over and the audit of all that', { skip, timeout: 900_000 }, async (t) => {
  const { product, page, errors } = await signIn(t, SETTINGS);
  const pages = page.getByRole('navigation', { name: 'Páginas' });
  await pages.getByRole('link', { name: 'Plantão' }).click();
  await page.getByText(/^night: (Ana|Bia)$/).waitFor();
  await page.getByText('5 min sem reconhecimento: phone (night)').waitFor();
  await page.locator('summary', { hasText: 'Substituir' }).click();
  await page.getByLabel('Quem assume').selectOption('bia');
  await page.getByLabel(/^De \(/).fill('2099-01-01T10:00');
  await page.getByLabel(/^Até \(/).fill('2099-01-01T09:00');
  await page.getByRole('button', { name: 'Substituir' }).click();
  await page.getByText(/Não foi registrado:/).waitFor();
  await page.getByLabel(/^Até \(/).fill('2099-01-01T12:00');
  await page.getByRole('button', { name: 'Substituir' }).click();
  await page.getByText(/^night: Bia, /).waitFor();
  await page.locator('summary', { hasText: 'Trocar turnos' }).click();
  await page.getByRole('button', { name: 'Trocar turnos' }).click();
  await page.waitForFunction(() => document.querySelectorAll('main li .tool').length === 3);
  await lookAt(page, 'oncall');
  await page.locator('.item-row', { hasText: 'Bia, 01/01/2099' }).getByRole('button', { name: 'Desfazer' }).click();
  await page.getByText(/^night: Bia, 01\/01\/2099/).waitFor({ state: 'detached' });
  const { items } = await product.get<OnCallChangeList>('/api/v1/oncall/changes');
  assert.equal(items.length, 2);

  await page.getByRole('link', { name: 'Passagens de turno' }).click();
  await page.getByRole('link', { name: 'Últimas oito horas' }).waitFor();
  await lookAt(page, 'shifts');
  await page.getByRole('link', { name: 'Últimas oito horas' }).click();
  await page.locator('.document li').first().waitFor();
  await lookAt(page, 'shift');

  await openMenu(page);
  await page.getByRole('link', { name: 'Auditoria' }).click();
  await page.getByText(/^Cadeia íntegra/).waitFor();
  await page.getByLabel('O quê').selectOption('oncall.swap');
  await page.locator('.entry', { hasText: 'Ana trocou turnos do plantão' }).waitFor();
  assert.equal(await page.locator('.entry').count(), 1);
  assert.match(page.url(), /\/audit\?verb=oncall\.swap$/);
  await page.locator('.audit-facts summary').click();
  await lookAt(page, 'audit');
  await page.getByLabel('Quem (id)').fill('bia');
  await page.getByText('Nada com estes filtros.').waitFor();
  assert.deepEqual(errors, []);
});
