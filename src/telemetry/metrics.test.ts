import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Registry } from 'prom-client';
import { createMetrics, httpHistogram, renderMetrics } from './metrics.ts';

/** The rules of `promtool check metrics` that names can break. */
function faults(page: string): string[] {
  const found: string[] = [];
  const help = new Set([...page.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name));
  for (const [, name = '', type = ''] of page.matchAll(/^# TYPE (\S+) (\S+)/gm)) {
    if (!help.has(name)) found.push(`${name}: no help text`);
    if (type === 'counter' && !name.endsWith('_total')) found.push(`${name}: counters should have "_total" suffix`);
    if (type !== 'counter' && name.endsWith('_total')) found.push(`${name}: non-counter metrics should not have "_total" suffix`);
    if (type !== 'histogram' && type !== 'summary' && /_(?:count|sum|bucket)$/.test(name)) found.push(`${name}: reserved suffix`);
    if (name.includes(type)) found.push(`${name}: name includes its type`);
    if (/_(?:ms|millis|milliseconds|minutes|hours|kb|mb|kilobytes)(?:_|$)/.test(name)) found.push(`${name}: use base units`);
    if (/[A-Z:]/.test(name)) found.push(`${name}: snake_case only`);
  }
  for (const [, label = ''] of page.matchAll(/[{,]([A-Za-z_]+)=/g)) if (/[A-Z]/.test(label)) found.push(`${label}: snake_case only`);
  return found;
}

test('every name follows the rules of Prometheus and starts with guardian_', async () => {
  const metrics = createMetrics();
  httpHistogram(metrics).labels('GET', '/x', '2xx').observe(0.001);
  const page = await renderMetrics(metrics, 'text');
  assert.deepEqual(faults(page), []);
  const names = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '');
  assert.ok(names.length > 10 && names.every((name) => name.startsWith('guardian_')), names.join());
});

test('threads are added up in one page, and no registry is changed by it', async () => {
  const [main, other] = [new Registry(), new Registry()];
  for (const registers of [[main], [other]]) new Counter({ name: 'guardian_things_total', help: 'Things.', registers }).inc(2);
  new Gauge({ name: 'guardian_lag_records', help: 'Lag.', registers: [other] }).set(7);
  const others = [structuredClone(await other.getMetricsAsJSON())];
  for (const format of ['text', 'openmetrics', 'text'] as const) {
    const page = await renderMetrics(main, format, others);
    assert.match(page, /^guardian_things_total 4$/m);
    assert.match(page, /^guardian_lag_records 7$/m);
    assert.equal(page.match(/# TYPE guardian_things/g)?.length, 1);
  }
  assert.match(await main.metrics(), /^guardian_things_total 2$/m);
});
