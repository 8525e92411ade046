import { CSV_LAYOUTS, type CsvLayoutName } from '../csv/csv-layout.ts';
import { createCsvReader } from '../csv/read-csv.ts';
import { toFieldErrors } from '../check/finding.ts';
import type { IngestContext } from '../ingest/ingest-context.ts';
import type { PlaceTime } from '../check/place-time.ts';
import { readJsonArray, readNdjson } from '../ingest/stream/read-json.ts';
import type { StreamItem } from '../check/stream-item.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { FastifyRequest } from 'fastify';
import { headersOf, sourceOf } from './ingest-context.ts';
import { problemError } from './problem.ts';

export const BATCH_TYPES = ['application/json', 'application/x-ndjson', 'application/ndjson', 'application/jsonl', 'text/csv'] as const;

/** One upload, ready to be read. `position`: what `at` of its items is called. */
export interface Upload {
  readonly items: AsyncIterable<readonly StreamItem[]>;
  readonly position: 'index' | 'line';
  readonly context: () => IngestContext;
}

export interface UploadOptions {
  readonly maxLineBytes: number;
  readonly times: PlaceTime;
}

/** Opens the body of a batch request by its media type. Throws HTTP_INVALID_REQUEST for a bad query. */
export function openUpload(request: FastifyRequest, locale: Locale, { maxLineBytes, times }: UploadOptions): Upload {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const chunks: AsyncIterable<Buffer> = request.raw.iterator({ destroyOnReturn: false });
  if (type === 'text/csv') return openCsv(request, chunks, locale, { maxLineBytes, times });
  readQuery(request, locale);
  const context = { source: sourceOf(request, 'http', locale), locale, headers: headersOf(request) };
  return type === 'application/json'
    ? { items: placed(readJsonArray(chunks, maxLineBytes), times), position: 'index', context: () => context }
    : { items: placed(readNdjson(chunks, maxLineBytes), times), position: 'line', context: () => context };
}

async function* placed(groups: AsyncIterable<readonly StreamItem[]>, times: PlaceTime): AsyncGenerator<readonly StreamItem[]> {
  for await (const items of groups) {
    for (const item of items) if (item.kind === 'item' && isRow(item.value)) times.place(item.value);
    yield items;
  }
}

const isRow = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function openCsv(request: FastifyRequest, chunks: AsyncIterable<Buffer>, locale: Locale, { maxLineBytes, times }: UploadOptions): Upload {
  const source = sourceOf(request, 'csv', locale);
  const headers = headersOf(request);
  const { layout, date, mapping, breakdownRows } = readQuery(request, locale);
  const reader = createCsvReader({
    source,
    maxLineBytes,
    times,
    // Nobody would read which columns were left out.
    strict: true,
    ...(layout === undefined ? {} : { layout }),
    ...(date === undefined ? {} : { date }),
    ...(mapping === undefined ? {} : { mapping }),
  });
  return {
    items: reader.read(chunks),
    position: 'line',
    context: () => ({ source, locale, headers, backfill: true, breakdown: breakdownRows || (reader.layout?.breakdown ?? false) }),
  };
}

interface CsvQuery {
  readonly layout?: CsvLayoutName | undefined;
  readonly date?: string | undefined;
  readonly mapping?: Readonly<Record<string, string>> | undefined;
  readonly breakdownRows: boolean;
}

function readQuery(request: FastifyRequest, locale: Locale): CsvQuery {
  const query = request.query as Readonly<Record<string, unknown>>;
  const layout = CSV_LAYOUTS.find((name) => name === query['layout']);
  if (query['layout'] !== undefined && layout === undefined) refuseQuery('layout', 'enum', locale, { allowed: CSV_LAYOUTS.join(', ') });
  const date = query['date'];
  if (date !== undefined && !(typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(date)))) {
    refuseQuery('date', 'pattern', locale, { expected: 'YYYY-MM-DD' });
  }
  const mapping = query['mapping'];
  const breakdownRows = query['breakdown_rows'];
  if (breakdownRows !== undefined && breakdownRows !== 'true' && breakdownRows !== 'false')
    refuseQuery('breakdown_rows', 'enum', locale, { allowed: 'true, false' });
  return {
    layout,
    date: typeof date === 'string' ? date : undefined,
    mapping: typeof mapping === 'string' ? readMapping(mapping, locale) : undefined,
    breakdownRows: breakdownRows === 'true',
  };
}

/** `field:column` pairs with commas between, or a JSON object. */
function readMapping(text: string, locale: Locale): Readonly<Record<string, string>> {
  if (!text.trimStart().startsWith('{')) {
    return Object.fromEntries(
      text.split(',').map((pair) => [pair.slice(0, pair.indexOf(':')).trim(), pair.slice(pair.indexOf(':') + 1).trim()]),
    );
  }
  try {
    const value: unknown = JSON.parse(text);
    const entries = Object.entries(value ?? {}).map(([field, column]): [string, string] => [field, String(column)]);
    return Object.fromEntries(entries);
  } catch {
    return refuseQuery('mapping', 'json', locale);
  }
}

function refuseQuery(field: string, rule: string, locale: Locale, params: Readonly<Record<string, string>> = {}): never {
  throw problemError('HTTP_INVALID_REQUEST', { errors: toFieldErrors([{ field, rule, params }], locale) });
}
