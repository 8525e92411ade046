import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contentOf, createEntry, MAX_OFFSET, offsetAt, partitionAt, STATE, stateAt, writeContent, writeKey, writePlace } from './entry.ts';
import { createIdIndex, type Horizon, type IdIndex } from './id-index.ts';
import { addToFilter, createIdFilter, mayHave } from './filter.ts';
import { openRunFile, type RunFile } from './run-file.ts';

const MEMORY = 64;
const ALL: Horizon = { earliest: new Map(), detachedFrom: 0 };

let dir: string;
let file: RunFile;
let index: IdIndex;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'guardian-index-'));
  open();
});
afterEach(() => {
  index.close();
  rmSync(dir, { recursive: true, force: true });
});

function open(): void {
  file = openRunFile(join(dir, 'index.sqlite'));
  index = createIdIndex(file, { memoryEntries: MEMORY });
}

function put(id: string, offset: number, partition = 0, state: 0 | 1 | 2 | 3 = STATE.first): void {
  const entry = createEntry();
  writeKey(entry, id);
  writeContent(entry, '0123456789abcdef');
  writePlace(entry, { partition, offset, state });
  if (index.isFull()) index.flush({});
  index.put(entry);
}

function placeOf(id: string, horizon = ALL): number | undefined {
  const entry = createEntry();
  writeKey(entry, id);
  return index.find(entry, horizon, entry) ? offsetAt(entry) : undefined;
}

test('an entry holds what was written into it', () => {
  const entry = createEntry();
  writeContent(entry, 'fedcba9876543210');
  writePlace(entry, { partition: 1023, offset: MAX_OFFSET, state: STATE.forgotten });
  assert.deepEqual([contentOf(entry), partitionAt(entry), offsetAt(entry), stateAt(entry)], ['fedcba9876543210', 1023, MAX_OFFSET, 3]);
  const other = createEntry();
  writeContent(other, 'not sixteen hex digits');
  assert.notDeepEqual(other, createEntry(), 'any text is a fingerprint');
});

test('a filter has all that was added, and less than 2 % of what was not', () => {
  const filter = createIdFilter(20_000);
  const entry = createEntry();
  const key = (id: string): readonly [number, number] => {
    writeKey(entry, id);
    return [entry[0] ?? 0, entry[1] ?? 0];
  };
  for (let n = 0; n < 20_000; n += 1) addToFilter(filter, ...key(`in-${n}`));
  let passed = 0;
  for (let n = 0; n < 20_000; n += 1) {
    assert.ok(mayHave(filter, ...key(`in-${n}`)));
    if (mayHave(filter, ...key(`out-${n}`))) passed += 1;
  }
  assert.ok(passed < 400, `${passed} of 20 000`);
});

describe('an index over many runs', () => {
  test('the place that was put last is found, through merges and a new start', () => {
    const places = new Map<string, number>();
    for (let n = 0; n < 9000; n += 1) {
      const id = `id-${(n * 7919) % 4000}`;
      put(id, n);
      places.set(id, n);
      if (n % 50 === 0) index.tend(400, ALL);
    }
    index.flush({});
    const check = (): void => {
      for (const [id, place] of places) assert.equal(placeOf(id), place, id);
      for (let n = 0; n < 500; n += 1) assert.equal(placeOf(`nobody-${n}`), undefined);
    };
    check();
    assert.ok(file.runs.length < 30, `${file.runs.length} runs of ${9000 / MEMORY}`);
    index.close();
    open();
    check();
  });

  test('what the log has left behind is not found, and its room is used again', () => {
    for (let n = 0; n < 6000; n += 1) put(`old-${n}`, n, n % 2);
    put('counted long ago', 10, 0, STATE.detached);
    index.flush({});
    const horizon: Horizon = {
      earliest: new Map([
        [0, 6000],
        [1, 5990],
      ]),
      detachedFrom: 11,
    };
    assert.equal(placeOf('old-5998', horizon), undefined);
    assert.equal(placeOf('old-5999', horizon), 5999);
    assert.equal(placeOf('counted long ago', horizon), undefined);
    let offset = 6000;
    const pass = (rounds: number): void => {
      for (let round = 0; round < rounds; round += 1) {
        for (let n = 0; n < 40; n += 1, offset += 1) put(`new-${offset}`, offset);
        const earliest = new Map([
          [0, offset - 2000],
          [1, 6000],
        ]);
        index.tend(2000, { earliest, detachedFrom: 11 });
      }
    };
    pass(300);
    const before = file.size();
    pass(1200);
    assert.ok(index.entries < 6000, `${index.entries} entries of 2 000 that are kept`);
    assert.ok(file.size() < before * 1.3, `${file.size()} bytes after ${before}`);
    assert.equal(placeOf(`new-${offset - 1}`), offset - 1);
  });

  test('a merge that a crash cuts off leaves everything, and its pages go', () => {
    for (let n = 0; n < 1000; n += 1) put(`id-${n}`, n);
    index.flush({ note: 'kept' });
    index.tend(300, ALL);
    index.close();
    open();
    assert.equal(file.fact('note'), 'kept');
    for (let n = 0; n < 1000; n += 1) assert.equal(placeOf(`id-${n}`), n);
    assert.equal(file.sweep(1000), false, 'half a run is deleted at once');
  });

  test('what was saved is there after a kill, what was not is not', () => {
    put('saved', 1);
    index.save({ positions: '1' });
    put('not saved', 2);
    open();
    assert.deepEqual([placeOf('saved'), placeOf('not saved'), file.fact('positions')], [1, undefined, '1']);
  });
});
