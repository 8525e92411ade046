import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AcceptedIds } from './accepted-ids.ts';

/** What every engine keeps to. `open`: two processes of one installation that have accepted nothing yet. */
export function acceptedIdsConformance(name: string, open: () => Promise<readonly [AcceptedIds, AcceptedIds]>): void {
  test(`${name}: what one process accepts is known to the other, with its first content`, async () => {
    const [one, other] = await open();
    assert.deepEqual(await other.find(['a', 'b']), new Map());
    await one.add(new Map([['a', 'h1']]));
    await other.add(
      new Map([
        ['a', 'h2'],
        ['b', 'h3'],
      ]),
    );
    assert.deepEqual(
      await one.find(['b', 'c', 'a']),
      new Map([
        ['b', 'h3'],
        ['a', 'h1'],
      ]),
    );
  });

  test(`${name}: a batch of thousands, ids of any characters, and none at all`, async () => {
    const [one, other] = await open();
    const many = new Map(Array.from({ length: 2500 }, (_, at) => [`id ${at}:é\n*`, `h${at}`]));
    await one.add(many);
    assert.deepEqual(await other.find([...many.keys()]), many);
    await one.add(new Map());
    assert.deepEqual(await other.find([]), new Map());
  });
}
