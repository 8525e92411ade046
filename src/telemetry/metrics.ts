import {
  AggregatorRegistry,
  collectDefaultMetrics,
  Histogram,
  Registry,
  type Metric,
  type MetricObjectWithValues,
  type MetricValue,
} from 'prom-client';

/** Default process metrics whose names break the rule that only counters end in `_total`. */
const BADLY_NAMED = [
  'guardian_nodejs_active_handles_total',
  'guardian_nodejs_active_requests_total',
  'guardian_nodejs_active_resources_total',
];
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type MetricsFormat = 'text' | 'openmetrics';
export const METRICS_CONTENT_TYPE: Readonly<Record<MetricsFormat, string>> = {
  text: Registry.PROMETHEUS_CONTENT_TYPE,
  openmetrics: Registry.OPENMETRICS_CONTENT_TYPE,
};

/** A new registry of this thread with the process's own metrics, all prefixed `guardian_`. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'guardian_' });
  for (const name of BADLY_NAMED) registry.removeSingleMetric(name);
  return registry;
}

/** What one thread hands to another so that both show up in one page: the result of `getMetricsAsJSON`. */
export type MetricsDump = readonly MetricObjectWithValues<MetricValue<string>>[];

/** Renders metrics. `others`: dumps of other threads; a metric that several have is added up (or as its aggregator says).
 *  Never changes the registry that is passed in. */
export async function renderMetrics(registry: Registry, format: MetricsFormat, others: readonly MetricsDump[] = []): Promise<string> {
  const dumps = [await registry.getMetricsAsJSON(), ...others];
  const seen = new Map<string, number>();
  for (const { name } of dumps.flat()) seen.set(name, (seen.get(name) ?? 0) + 1);
  const shared = AggregatorRegistry.aggregate(dumps.map((dump) => dump.filter(({ name }) => (seen.get(name) ?? 0) > 1)));
  const page = new Registry();
  Object.assign(page, { _contentType: METRICS_CONTENT_TYPE[format] });
  const single = dumps.flat().filter(({ name }) => seen.get(name) === 1);
  for (const metric of [...single, ...(await shared.getMetricsAsJSON())]) {
    const entry = { ...metric, get: async () => ({ ...metric, name: entry.name }) };
    page.registerMetric(entry as unknown as Metric);
  }
  return page.metrics();
}

/** Histogram of the time that requests take. `status_class`: 2xx, 3xx, 4xx, 5xx. */
export function httpHistogram(registry: Registry): Histogram<'method' | 'route' | 'status_class'> {
  return new Histogram({
    name: 'guardian_http_request_seconds',
    help: 'Time from the first byte of a request to the last byte of its response.',
    labelNames: ['method', 'route', 'status_class'],
    buckets: SECONDS,
    registers: [registry],
  });
}
