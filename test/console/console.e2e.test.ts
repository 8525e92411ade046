/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DIST, launch, openMenu, openPage, PHONE, screenshot, skip, WIDE } from './chromium.ts';
import { lowContrasts } from './contrast.ts';
import { makeAnomaly } from './fake-company.ts';
import { startFakeServer, type FakeOptions, type FakeServer } from './fake-server.ts';

const MINUTE_MS = 60_000;
const LAST = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;

const past = makeAnomaly('an_past', LAST - 95 * MINUTE_MS, {
  status: 'resolved',
  severity: 'warning',
  type: 'low_volume',
  node: { kind: 'fleet' },
  slice: { share: 1 },
  resolved_at: new Date(LAST - 83 * MINUTE_MS).toISOString(),
  updated_at: new Date(LAST - 83 * MINUTE_MS).toISOString(),
  duration_minutes: 12,
  observed: 71,
  expected: 126,
  z_score: -4.2,
  ml_score: 0.87,
  peak: {
    minute: new Date(LAST - 90 * MINUTE_MS).toISOString(),
    observed: 71,
    expected: 126,
    expected_low: 0,
    expected_high: 252,
    z_score: -4.2,
    ml_score: 0.87,
    p_value: 1e-9,
  },
  lost_transactions: 610,
  reason: 'Volume 44% abaixo do esperado em todo o tráfego: 71/min contra 126.',
});
const company: Omit<FakeOptions, 'dist'> = {
  lastMinute: LAST,
  anomalies: [past],
  kindOf: (ago) => ({ kind: ago > 40 && ago <= 48 ? 'silent' : ago > 84 && ago <= 96 ? 'denials' : 'normal' }),
};

let browser: Browser;
before(async () => {
  if (skip === false) browser = await launch();
});
after(() => browser?.close());

async function withServer(options: Omit<FakeOptions, 'dist'>, work: (server: FakeServer) => Promise<void>): Promise<void> {
  const server = await startFakeServer({ ...options, dist: DIST });
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

const tile = (page: Page, title: string) => page.locator('.tile', { hasText: title }).locator('.tile-value');

/** Pixels of the chart, to tell whether it was drawn again. */
const picture = (page: Page) =>
  page
    .locator('.plot-host canvas')
    .first()
    .evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL());

/** Cumulative layout shift so far (0 is still). */
const layoutShift = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(sum), 50);
      }),
  );

/** The scripts that the page of the newest build may load: those of builds before lie beside them. */
async function scriptsOf(html: string, all: readonly string[]): Promise<Map<string, string>> {
  const codes = new Map<string, string>();
  const take = async (text: string): Promise<void> => {
    for (const name of all.filter((one) => !codes.has(one) && text.includes(one))) {
      const code = await readFile(join(DIST, 'assets', name), 'utf8');
      codes.set(name, code);
      await take(code);
    }
  };
  await take(html);
  return codes;
}

test('the browser gets its own texts only, and every file has its compressed twins', { skip }, async () => {
  const files = await readdir(join(DIST, 'assets'));
  const html = await readFile(join(DIST, 'index.html'), 'utf8');
  const codes = await scriptsOf(
    html,
    files.filter((name) => name.endsWith('.js')),
  );
  const scripts = [...codes.keys()];
  const code = [...codes.values()].join('');
  assert.match(code, /console\.tile\.tpm/);
  assert.doesNotMatch(code, /cli\.status|problem\.rule|~kind/, 'texts of the server, and schemas, stay there');
  const sizes = new Map(
    await Promise.all(scripts.map(async (name) => [name, (await stat(join(DIST, 'assets', `${name}.br`))).size] as const)),
  );
  const sumOf = (names: readonly string[]) => names.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  const first = scripts.filter((name) => html.includes(name));
  assert.ok(first.length > 0 && sumOf(first) < 123_000, `the first page takes ${sumOf(first)} bytes of script`);
  // 3.7 KB of it are texts about parts of the program, which come when one is not well.
  assert.ok(sumOf(scripts) < 173_000, `all pages take ${sumOf(scripts)} bytes of script`);
  for (const name of files.filter((one) => /\.(?:js|css)$/.test(one))) assert.ok(files.includes(`${name}.gz`), name);
});

test('the page loads, moves with the stream and shows an incident from its opening to its end', { skip }, async () => {
  await withServer(company, async (server) => {
    const { page, errors } = await openPage(browser, WIDE);
    await page.goto(server.url);
    await page.getByText('Ao vivo').waitFor();
    await page.getByText('Tudo dentro do esperado').waitFor();
    assert.ok((await layoutShift(page)) < 0.05, 'nothing jumps when the data come');
    assert.equal(await page.title(), 'Transaction Guardian');
    const still = await picture(page);
    server.tick({ kind: 'denials' });
    await page.waitForFunction(
      (old) => (document.querySelector('.plot-host canvas') as unknown as { toDataURL(): string }).toDataURL() !== old,
      still,
    );
    for (let minute = 0; minute < 6; minute += 1) server.tick({ kind: 'denials' });
    const incident = makeAnomaly('an_now', LAST + MINUTE_MS);
    server.anomaly(incident);
    await page.getByText('Crítico: Negadas acima do normal · código 51').waitFor();
    assert.equal(await tile(page, 'Alertas ativos').innerText(), '1');
    assert.equal(await page.title(), '(1) 1 crítico · Transaction Guardian');
    assert.match(
      await page.locator('.rows > li').first().innerText(),
      /Crítico[\s\S]*Negadas acima do normal[\s\S]*z \+10,4[\s\S]*0,97[\s\S]*\+11,2/,
    );
    await screenshot(page, 'wide-incident');
    await page.getByRole('button', { name: /^Negadas acima do normal, desde/ }).click();
    await page.getByText('Pior minuto').waitFor();
    await page.locator('.detail-chart canvas').waitFor();
    await screenshot(page, 'wide-detail', false);
    server.anomaly({
      ...incident,
      status: 'resolved',
      resolved_at: new Date(LAST + 8 * MINUTE_MS).toISOString(),
      updated_at: new Date(LAST + 8 * MINUTE_MS).toISOString(),
    });
    await page.getByText('Tudo dentro do esperado').waitFor();
    assert.deepEqual(errors, []);
  });
});

test('a lost connection is said at once, greys the numbers after ten seconds and heals by itself', { skip }, async () => {
  await withServer(company, async (server) => {
    const { page, errors } = await openPage(browser, WIDE);
    await page.clock.install();
    await page.goto(server.url);
    await page.getByText('Ao vivo').waitFor();
    server.cut();
    await page.getByText('Conexão perdida').first().waitFor();
    await page.clock.fastForward(12_000);
    await page.locator('.tile.tone-stale').first().waitFor();
    assert.equal(await page.locator('.tone-good').count(), 0, 'nothing is green on old data');
    await screenshot(page, 'wide-lost');
    server.resume();
    await page.clock.resume();
    await page.getByText('Ao vivo').waitFor();
    assert.deepEqual(errors, []);
  });
});

test('nothing is green while the detector is behind: banner, tiles, badge, title and icon say so', { skip }, async () => {
  await withServer(company, async (server) => {
    const { page, errors } = await openPage(browser, WIDE);
    await page.goto(server.url);
    await page.getByText('Tudo dentro do esperado').waitFor();
    const judged_until = new Date(LAST - 348 * MINUTE_MS).toISOString();
    server.setStats({ judged: 'behind', judged_until, minutes_behind: 349 });
    await page
      .locator('.situation')
      .getByText(/^Avaliado até .*, 349 min de atraso$/)
      .waitFor();
    await page
      .locator('.badge')
      .getByText(/^Atrasado · avaliado até /)
      .waitFor();
    assert.equal(await page.getByText('Tudo dentro do esperado').count(), 0);
    assert.equal(await page.locator('.tile.tone-good').count(), 1, 'only the time that the program is up');
    assert.equal(await page.title(), '(?) Transaction Guardian');
    assert.match((await page.locator('link[rel="icon"]').getAttribute('href')) ?? '', /^data:image/);
    await screenshot(page, 'wide-behind');
    server.setStats({});
    await page.getByText('Tudo dentro do esperado').waitFor();
    assert.equal(await page.title(), 'Transaction Guardian');
    assert.deepEqual(errors, []);
  });
});

test('a stalled stream greys the tiles, a replay shows the time of the stream', { skip }, async () => {
  await withServer(company, async (server) => {
    const { page } = await openPage(browser, WIDE);
    await page.goto(server.url);
    await page.getByText('Ao vivo').waitFor();
    server.setStream('stalled');
    await page.locator('.tile.tone-stale').first().waitFor();
    server.setStream('replay');
    await page.getByText(/^Replay · /).waitFor();
  });
});

test('on a phone nothing is wider than the screen, and English is one press away and remembered', { skip }, async () => {
  await withServer(company, async (server) => {
    const { page, errors } = await openPage(browser, PHONE);
    await page.goto(server.url);
    await page.getByText('Ao vivo').waitFor();
    const shift = await layoutShift(page);
    assert.ok(shift < 0.1, `the page jumps by ${shift} when the data come`);
    for (let minute = 0; minute < 7; minute += 1) server.tick({ kind: 'denials' });
    server.anomaly(makeAnomaly('an_now', LAST + MINUTE_MS));
    await page.getByText('Negadas acima do normal').first().waitFor();
    await screenshot(page, 'phone-incident');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide`);
    await openMenu(page);
    await page.getByRole('button', { name: 'EN', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByText('Denials above normal').first().waitFor();
    await page.reload();
    await page.getByText('Approval rate', { exact: true }).waitFor();
    await page.locator('.row-head').first().click();
    await page.getByText('Worst minute').waitFor();
    await screenshot(page, 'phone-detail-en');
    assert.deepEqual(errors, []);
  });
});

test('light theme, keyboard and filter', { skip }, async () => {
  await withServer({ ...company, history: 1440, anomalies: [makeAnomaly('an_now', LAST - 6 * MINUTE_MS), past] }, async (server) => {
    const { page, errors } = await openPage(browser, WIDE, 'light');
    await page.goto(server.url);
    await page.locator('.rows > li').nth(1).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('volume baixo');
    await page.waitForFunction(() => document.querySelectorAll('.rows > li').length === 1);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelectorAll('.rows > li').length === 2);
    await page.locator('.plot-host').hover({ position: { x: 700, y: 150 } });
    await page.locator('.tip').waitFor();
    await screenshot(page, 'wide-light');
    await page.mouse.move(5, 5);
    await page.keyboard.press('4');
    await page.getByRole('button', { name: '24 h', pressed: true }).waitFor();
    await screenshot(page, 'wide-light-24h', false);
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Atalhos do teclado' }).waitFor();
    await screenshot(page, 'wide-help', false);
    assert.deepEqual(errors, []);
  });
});

test('a part of the chart can be looked at closely, the legend hides what it names, and Escape goes back', { skip }, async () => {
  await withServer(company, async (server) => {
    const { page, errors } = await openPage(browser, WIDE);
    await page.goto(server.url);
    await page.getByText('Tudo dentro do esperado').waitFor();
    const whole = await picture(page);
    const box = await page.locator('.plot-host').first().boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + 400, box.y + 150);
    await page.mouse.down();
    await page.mouse.move(box.x + 560, box.y + 160, { steps: 4 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Período inteiro' }).waitFor();
    assert.notEqual(await picture(page), whole);
    await screenshot(page, 'wide-zoom', false);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Período inteiro' }).waitFor({ state: 'detached' });
    const approved = page.locator('.legend').first().getByRole('button', { name: 'aprovadas' });
    await approved.click();
    assert.equal(await approved.getAttribute('aria-pressed'), 'false');
    await page.mouse.move(box.x + 300, box.y + 150);
    assert.equal(await page.locator('.tip').getByText('aprovadas').count(), 0);
    await screenshot(page, 'wide-legend', false);
    assert.deepEqual(errors, []);
  });
});

test('the chart of one merchant opens from its row, is in the address, and comes back with a link', { skip }, async () => {
  await withServer(company, async (server) => {
    const { page, errors } = await openPage(browser, WIDE);
    await page.goto(server.url);
    await page.getByRole('button', { name: 'm-padaria-07' }).click();
    await page.locator('#chart-title').getByText('lojista m-padaria-07').waitFor();
    await page.keyboard.press('1');
    await page.waitForFunction(() => location.search.includes('h=1'));
    await screenshot(page, 'wide-merchant', false);
    const link = page.url();
    assert.match(link, /merchant=m-padaria-07/);
    const { page: other } = await openPage(browser, WIDE);
    await other.goto(link);
    await other.locator('#chart-title').getByText('lojista m-padaria-07').waitFor();
    await other.getByRole('button', { name: '1 h', pressed: true }).waitFor();
    await other.keyboard.press('Escape');
    await other.locator('#chart-title').getByText('lojista').waitFor({ state: 'detached' });
    assert.deepEqual(errors, []);
  });
});

test('Escape closes the detail, and a link to an anomaly that does not exist says so', { skip }, async () => {
  await withServer(company, async (server) => {
    const { page } = await openPage(browser, WIDE);
    await page.goto(`${server.url}/anomalies/an_past`);
    await page.getByText('Pior minuto').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Pior minuto').waitFor({ state: 'detached' });
    assert.equal(new URL(page.url()).pathname, '/');
    await page.goto(`${server.url}/anomalies/an_000000000000`);
    await page.getByText('Anomalia an_000000000000 não encontrada').waitFor();
  });
});

test('pages have addresses: back and forward go between them, and filter and period stay', { skip }, async () => {
  await withServer({ ...company, anomalies: [makeAnomaly('an_now', LAST - 6 * MINUTE_MS), past] }, async (server) => {
    const { page, errors } = await openPage(browser, WIDE);
    const at = (path: string) => page.waitForURL((url) => url.pathname + url.search === path);
    await page.goto(`${server.url}/?q=volume&h=12`);
    await page.locator('#an_past .row-head').click();
    await at('/anomalies/an_past?q=volume&h=12');
    await page.getByRole('link', { name: 'Alertas' }).click();
    await at('/alerts?q=volume&h=12');
    await page.getByText('1 ativo').waitFor();
    await page.getByRole('link', { name: 'Anomalia', exact: true }).click();
    await at('/anomalies/an_now?q=volume&h=12');
    await page.goBack();
    await page.getByText('1 ativo').waitFor();
    await page.goBack();
    await page.getByText('Pior minuto').waitFor();
    assert.equal(await page.locator('.row.is-open .detail').count(), 0, 'the detail is that of the anomaly before');
    await page.getByRole('button', { name: '12 h', pressed: true }).waitFor();
    await page.goBack();
    await at('/?q=volume&h=12');
    await page.getByText('Pior minuto').waitFor({ state: 'detached' });
    await page.goForward();
    await page.getByText('Pior minuto').waitFor();
    await page.reload();
    await page.getByText('Pior minuto').waitFor();
    assert.equal(await page.getByRole('searchbox').inputValue(), 'volume');
    assert.deepEqual(errors, []);
  });
});

test(
  'an address that names no page says so and leads back, and a link of an earlier release still opens its anomaly',
  { skip },
  async () => {
    await withServer(company, async (server) => {
      const { page } = await openPage(browser, WIDE);
      await page.goto(`${server.url}/nothing/here`);
      await page.getByText('A página /nothing/here não existe').waitFor();
      await page.getByRole('alert').getByRole('link', { name: 'Visão geral' }).click();
      await page.locator('.tile').first().waitFor();
      await page.goto(`${server.url}/#an_past`);
      await page.getByText('Pior minuto').waitFor();
      assert.equal(new URL(page.url()).pathname, '/anomalies/an_past');
    });
  },
);

test('on a phone a link shows the detail itself', { skip }, async () => {
  await withServer({ ...company, anomalies: [makeAnomaly('an_now', LAST - 6 * MINUTE_MS), past] }, async (server) => {
    const { page } = await openPage(browser, PHONE, 'light');
    await page.goto(`${server.url}/anomalies/an_now`);
    await page.getByText('Pior minuto').waitFor();
    await page.waitForFunction(() => {
      const top = document.querySelector('.row.is-open .detail')?.getBoundingClientRect().top ?? Infinity;
      return top >= 0 && top < innerHeight * 0.6;
    });
    // The header of the page covers nothing of it, not even the severity.
    await page.waitForFunction(() => {
      const row = document.querySelector('.row.is-open')?.getBoundingClientRect().top ?? 0;
      return row >= (document.querySelector('header')?.getBoundingClientRect().bottom ?? Infinity);
    });
    await screenshot(page, 'phone-light-link', false);
    await screenshot(page, 'phone-light-link-whole');
  });
});

test('every text can be read: contrast in both themes, wide and on a phone, calm, broken, behind and lost', { skip }, async () => {
  const open = [makeAnomaly('an_now', LAST - 6 * MINUTE_MS), { ...past, id: 'an_warn', status: 'open', resolved_at: null } as const, past];
  for (const scheme of ['light', 'dark'] as const) {
    for (const size of [PHONE, WIDE]) {
      await withServer({ ...company, anomalies: open }, async (server) => {
        const { page } = await openPage(browser, size, scheme);
        await page.goto(`${server.url}/anomalies/an_now`);
        await page.getByText('Pior minuto').waitFor();
        await page.locator('table.merchants').waitFor();
        const at = (state: string) => `${state}, ${scheme}, ${size.width} px`;
        assert.deepEqual(await lowContrasts(page), [], at('broken'));
        server.setStats({ judged: 'behind', minutes_behind: 349 });
        await page
          .locator('.badge')
          .getByText(/^Atrasado/)
          .waitFor();
        assert.deepEqual(await lowContrasts(page), [], at('behind'));
        server.setStats({ stream: 'stalled' });
        await page.locator('.tile.tone-stale').first().waitFor();
        assert.deepEqual(await lowContrasts(page), [], at('stalled'));
      });
    }
  }
});

test('before the first transaction the page shows how to send one', { skip }, async () => {
  await withServer({ lastMinute: LAST, history: 0 }, async (server) => {
    const { page } = await openPage(browser, WIDE);
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'Aguardando o primeiro minuto de transações' }).waitFor();
    await page.getByText('npx guardian simulate').waitFor();
    await screenshot(page, 'wide-empty');
    server.tick({ learning: true });
    await page.locator('.plot-host canvas').first().waitFor();
  });
});

test('the one-time token leaves the address bar; without a session the page says where the link is', { skip }, async () => {
  await withServer({ ...company, requireSession: true }, async (server) => {
    const { page } = await openPage(browser, PHONE);
    await page.goto(server.url);
    await page.getByText('Entre no console').waitFor();
    await screenshot(page, 'phone-session');
    await page.goto(`${server.url}/?token=abc`);
    await page.getByText('Ao vivo').waitFor();
    assert.equal(new URL(page.url()).search, '');
  });
});

test('the forecast goes on behind the last minute, tells its values, and its failure leaves the chart as it was', { skip }, async () => {
  await withServer(company, async (server) => {
    const { page, errors } = await openPage(browser, WIDE);
    await page.goto(server.url);
    await page.getByText('Previsão (80% e 99%)').waitFor();
    const chart = page.locator('.plot-host').first();
    const box = await chart.boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + box.width - 60, box.y + box.height / 2);
    await page.getByText('intervalo de 80%').waitFor();
    await screenshot(page, 'wide-forecast', false);
    server.withoutForecast();
    server.tick();
    await page.getByText('Previsão (80% e 99%)').waitFor({ state: 'detached' });
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.locator('.tip').getByText('Aprovadas').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
    assert.deepEqual(errors, []);
  });
});
