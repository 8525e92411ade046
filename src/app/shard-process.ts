import { createShard } from '../detect/shard/create-shard.ts';
import type { ShardRequest } from '../detect/shard/shard-message.ts';

// Entry of the process of a shard: it ends with the one that started it, however that ends.
const shard = createShard();
// One that asked and is gone has no use for the reply; the end of the channel follows.
process.on('message', (request: ShardRequest) => process.send?.(shard(request), undefined, undefined, () => undefined));
process.once('disconnect', () => process.exit(0));
// A signal to the group is for the detector, which needs its shards until it has stopped.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.send?.('ready');
