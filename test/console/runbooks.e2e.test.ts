import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunbookRunPage } from '@transaction-guardian/contracts/runbook.ts';
import { skip } from './chromium.ts';
import { lookAt, signIn } from './signed-in.ts';

const PEOPLE = `people:
  - { id: ana, name: Ana, roles: [admin], identities: [console, cli] }
  - { id: bia, name: Bia, roles: [approver], identities: ['telegram:2'] }
`;

/** A runbook that a second person confirms and that every server can run. */
const TWO_PEOPLE = `name: two-people
description: { pt-BR: precisa de duas pessoas, en: needs two people }
dry_run: { pt-BR: consulta, en: looks }
roles: [operator]
confirm: second_person
steps:
  - name: { pt-BR: Olhando, en: Looking }
    sql: select 1 as one
`;

test(
  'a runbook is looked at, run, confirmed by its person or by a second one, and its record read',
  { skip, timeout: 900_000 },
  async (t) => {
    const own = mkdtempSync(join(tmpdir(), 'guardian-runbooks-'));
    t.after(() => rmSync(own, { recursive: true, force: true }));
    writeFileSync(join(own, 'two-people.yaml'), TWO_PEOPLE);
    const { product, page, errors, dataDir } = await signIn(t, `${PEOPLE}runbooks: { directory: '${own}' }\n`);
    await page.getByRole('navigation', { name: 'Páginas' }).getByRole('link', { name: 'Runbooks' }).click();
    await page.getByRole('link', { name: 'clear-cache' }).waitFor();
    await lookAt(page, 'runbooks');

    await page.getByRole('link', { name: 'silence-merchant' }).click();
    const worst = page.getByRole('combobox', { name: 'pior severidade que fica em silêncio' });
    await worst.waitFor();
    assert.deepEqual(
      [await worst.locator('option').allInnerTexts(), await worst.inputValue()],
      [['info', 'warning', 'critical'], 'warning'],
    );
    await page.getByRole('textbox', { name: 'id do lojista' }).fill('4111 1111 1111 1111');
    await page.getByRole('button', { name: 'Simular' }).click();
    await page.getByText(/Não foi registrado: parameters.merchant/).waitFor();
    await page.getByRole('textbox', { name: 'id do lojista' }).fill('m-1');
    await page.getByRole('button', { name: 'Simular' }).click();
    await page.locator('.plan-steps li').first().waitFor();
    await lookAt(page, 'runbook');
    await page.getByRole('button', { name: 'Executar', exact: true }).click();
    await page.locator('.confirmation').getByRole('button', { name: 'Confirmar' }).click();
    await page.waitForURL(/\/runs\//);
    await page.locator('.panel-head .chip', { hasText: 'concluído' }).waitFor();
    await page.getByText(/alertas de m-1 silenciados/).waitFor();
    await lookAt(page, 'run');

    await page.goto(`${product.address}/runbooks/two-people/run`);
    await page.getByRole('button', { name: 'Executar', exact: true }).click();
    const code = await page.locator('.confirmation .code').innerText();
    const token = (await readFile(`${dataDir}/service-token`, 'utf8')).trim();
    const answer = await product.post('/api/v1/runbooks/confirm', JSON.stringify({ code }), {
      authorization: `Bearer ${token}`,
      'guardian-identity': 'telegram:2',
    });
    assert.equal(answer.status, 202);
    await page.goto(`${product.address}/runbooks`);
    await page.getByRole('link', { name: 'two-people' }).last().click();
    await page.getByText('Bia').waitFor();
    const { items } = await product.get<RunbookRunPage>('/api/v1/runbook-runs');
    assert.deepEqual(
      items.map(({ runbook, confirmed_by: by }) => [runbook, by?.id]),
      [
        ['two-people', 'bia'],
        ['silence-merchant', 'ana'],
      ],
    );
    assert.deepEqual(errors, []);
  },
);
