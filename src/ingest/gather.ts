/** Gathers single items that arrive together into one call of `work`, which answers in the order of its input.
 *  A group closes at the end of the turn of the event loop, at `maxItems`, or, while `maxInFlight` groups are at work,
 *  when one of them calls `free` or ends: what still happens to it then is no reason for others to wait. A group that fails
 *  rejects every item of it. */
export function createGather<Item, Result>(
  work: (items: readonly Item[], free: () => void) => Promise<readonly Result[]>,
  { maxItems, maxInFlight }: { readonly maxItems: number; readonly maxInFlight: number },
): (item: Item) => Promise<Result> {
  interface Waiting {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let inFlight = 0;
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    while (waiting.length > 0 && inFlight < maxInFlight) {
      const group = waiting.length <= maxItems ? waiting : waiting.slice(0, maxItems);
      waiting = waiting.length <= maxItems ? [] : waiting.slice(maxItems);
      void run(group);
    }
  }

  async function run(group: readonly Waiting[]): Promise<void> {
    inFlight++;
    let isFree = false;
    const free = (): void => {
      if (isFree) return;
      isFree = true;
      inFlight--;
      if (waiting.length > 0) flushSoon();
    };
    try {
      const results = await work(
        group.map(({ item }) => item),
        free,
      );
      for (const [index, { resolve, reject }] of group.entries()) {
        const result = results[index];
        if (result === undefined) reject(new RangeError(`no answer for item ${index} of ${group.length}`));
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      free();
    }
  }

  function flushSoon(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      flushSoon();
    });
}
