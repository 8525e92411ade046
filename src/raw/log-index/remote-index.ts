import { GuardianError } from '../../errors.ts';
import { createSlot } from '../../wire/slot.ts';
import { fromWire, toWire, type WireError } from '../../wire/wire-error.ts';
import type { Wire } from '../../wire/wire.ts';
import type { Sql } from '../../store/database.ts';
import type { Admitted, FoundTransaction, RawBatch, RawTransactions } from '../raw-transactions.ts';

/** The index of a process that does not own it. */
export interface LinkedIndex extends RawTransactions {
  /** Speaks over `wire` from now on, until it closes. */
  open(wire: Wire): void;
}

/** A batch without what the index does not need. A heartbeat is null. */
interface SlimBatch {
  readonly partition: number;
  readonly records: readonly (readonly [id: string, contentHash: string] | null)[];
  readonly offsets: readonly number[];
}

/** What of it is to be counted: places in the batch. */
interface SlimAdmitted {
  readonly kept: readonly number[];
  readonly conflicts: readonly number[];
  readonly duplicates: number;
}

interface Calls {
  admit: { readonly args: SlimBatch; readonly value: SlimAdmitted };
  give_up: {
    readonly args: { readonly partition: number; readonly offset: number; readonly value: Uint8Array };
    readonly value: undefined;
  };
  find: { readonly args: string; readonly value: FoundTransaction };
  known: { readonly args: readonly string[]; readonly value: ReadonlyMap<string, string> };
}
type Name = keyof Calls;

interface Request {
  readonly call: number;
  readonly name: Name;
  readonly args: never;
}
interface Answer {
  readonly answer: number;
  readonly value?: unknown;
  readonly error?: WireError;
}

const AWAY = 'The owner of the index of transactions does not answer.';
/** The index does nothing in the transaction of its caller, which another process has open. */
const NO_TRANSACTION = null as unknown as Sql;

/** Answers the calls of `createLinkedIndex` that come over `wire`. */
export function serveIndex(wire: Wire, raw: RawTransactions): void {
  const handlers: { readonly [N in Name]: (args: Calls[N]['args']) => Promise<Calls[N]['value']> } = {
    admit: (batch) => admitSlim(raw, batch),
    give_up: async ({ partition, offset, value }) => {
      await raw.giveUp(NO_TRANSACTION, partition, { offset, value, key: '', headers: {}, publishedAt: 0 });
      return undefined;
    },
    find: (id) => raw.find(id),
    known: (ids) => raw.known(ids),
  };
  wire.on('message', (message) => {
    const { call, name, args } = message as Request;
    (handlers[name](args) as Promise<unknown>).then(
      (value) => wire.postMessage({ answer: call, value } satisfies Answer),
      (error: unknown) => wire.postMessage({ answer: call, error: toWire(error) } satisfies Answer),
    );
  });
}

async function admitSlim(raw: RawTransactions, { partition, records, offsets }: SlimBatch): Promise<SlimAdmitted> {
  const whole = records.map((record, at) =>
    record === null ? { kind: 'heartbeat', at } : { kind: 'transaction', id: record[0], content_hash: record[1], at },
  );
  const sources = offsets.map((offset, at) => ({ offset, at }));
  const batch = { partition, records: whole, sources, transactions: whole.length } as unknown as RawBatch;
  const admitted = await raw.admit(NO_TRANSACTION, batch);
  const places = (things: readonly unknown[]): number[] => things.map((thing) => (thing as { readonly at: number }).at);
  return { kept: places(admitted.records), conflicts: places(admitted.conflicts), duplicates: admitted.duplicates };
}

/** Makes an index over one wire after the other, each to `serveIndex`. While there is none, calls are refused with STORE_UNAVAILABLE
 *  (retryable) after `waitMs` (default 0: at once). */
export function createLinkedIndex({ waitMs = 0 }: { readonly waitMs?: number } = {}): LinkedIndex {
  const refusal = (): GuardianError => new GuardianError('STORE_UNAVAILABLE', AWAY, { retryable: true });
  const slot = createSlot<Wire>(waitMs, refusal);
  const waiting = new Map<number, { readonly wire: Wire; readonly settle: PromiseWithResolvers<unknown> }>();
  let next = 1;

  async function ask<N extends Name>(name: N, args: Calls[N]['args']): Promise<Calls[N]['value']> {
    const wire = await slot.soon();
    const settle = Promise.withResolvers<unknown>();
    const call = next++;
    waiting.set(call, { wire, settle });
    wire.postMessage({ call, name, args });
    return (await settle.promise) as Calls[N]['value'];
  }

  return {
    open(wire) {
      slot.put(wire);
      wire.on('message', (message) => {
        const { answer, value, error } = message as Answer;
        const asked = waiting.get(answer);
        waiting.delete(answer);
        if (error === undefined) asked?.settle.resolve(value);
        else asked?.settle.reject(fromWire(error));
      });
      wire.on('close', () => {
        slot.take(wire);
        for (const [call, asked] of waiting) {
          if (asked.wire !== wire) continue;
          waiting.delete(call);
          asked.settle.reject(refusal());
        }
      });
    },
    async admit(_tx, { partition, records, sources }): Promise<Admitted> {
      const slim = records.map((record) => (record.kind === 'heartbeat' ? null : ([record.id, record.content_hash] as const)));
      const { kept, conflicts, duplicates } = await ask('admit', {
        partition,
        records: slim,
        offsets: sources.map(({ offset }) => offset),
      });
      return {
        records: kept.length === records.length ? records : kept.flatMap((at) => records[at] ?? []),
        conflicts: conflicts.flatMap((at) => sources[at] ?? []),
        duplicates,
      };
    },
    giveUp: (_tx, partition, { offset, value }) => ask('give_up', { partition, offset, value }),
    find: (id) => ask('find', id),
    known: (ids) => ask('known', ids),
    close: async () => undefined,
  };
}
