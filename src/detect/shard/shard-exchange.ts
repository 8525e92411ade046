import { GuardianError } from '../../errors.ts';
import type { ShardLink, ShardReply, ShardRequest } from './shard-message.ts';

type ReplyOf<Kind extends ShardReply['kind']> = Extract<ShardReply, { kind: Kind }>;

/** Requests to several shards at once. Each throws what the links throw, and INTERNAL for a reply of another kind. */
export interface ShardExchange {
  /** Sends a request to every shard. */
  sendAll(requestOf: (shard: number) => ShardRequest): void;
  /** Waits for the reply of every shard, in the order of the shards. */
  receiveAll<Kind extends ShardReply['kind']>(kind: Kind): ReplyOf<Kind>[];
  /** Sends a request to every shard and waits until it is done. */
  tellAll(requestOf: (shard: number) => ShardRequest): void;
  /** Asks about groups, given by shard; those that have none of them are not asked. */
  exchange<Kind extends ShardReply['kind']>(
    groups: readonly (readonly number[])[],
    kind: Kind,
    requestOf: (of: Int32Array) => ShardRequest,
  ): ReplyOf<Kind>[];
  /** Series of the merchants of each shard, as it last said. */
  readonly series: readonly number[];
}

/** Makes the exchange with the shards behind these links. */
export function createShardExchange(links: readonly ShardLink[]): ShardExchange {
  const series = links.map(() => 0);

  function receive<Kind extends ShardReply['kind']>(shard: number, kind: Kind): ReplyOf<Kind> {
    const reply = (links[shard] as ShardLink).receive();
    if ('series' in reply) series[shard] = reply.series;
    if (reply.kind !== kind) throw new GuardianError('INTERNAL', `Expected the reply "${kind}" of a shard, got "${reply.kind}".`);
    return reply as ReplyOf<Kind>;
  }

  const sendAll: ShardExchange['sendAll'] = (requestOf) => {
    for (const [shard, link] of links.entries()) link.send(requestOf(shard));
  };
  const receiveAll: ShardExchange['receiveAll'] = (kind) => links.map((_link, shard) => receive(shard, kind));
  return {
    sendAll,
    receiveAll,
    tellAll(requestOf) {
      sendAll(requestOf);
      receiveAll('done');
    },
    exchange(groups, kind, requestOf) {
      const asked = groups.flatMap((of, shard) => (of.length === 0 ? [] : [shard]));
      for (const shard of asked) links[shard]?.send(requestOf(Int32Array.from(groups[shard] ?? [])));
      return asked.map((shard) => receive(shard, kind));
    },
    series,
  };
}
