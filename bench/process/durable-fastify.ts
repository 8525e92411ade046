import { closeSync, fdatasync, openSync, write } from 'node:fs';
import { fastify, type FastifyInstance } from 'fastify';

/** Fastify that answers once its body is on the disk, and does nothing else: no check, no id, no log that can be read. Bodies that
 *  arrive while a commit is on its way share the next one. What durability alone costs on this machine. */
export function createDurableFastify(file: string): FastifyInstance {
  const app = fastify({ logger: false });
  const descriptor = openSync(file, 'a');
  app.addHook('onClose', async () => closeSync(descriptor));
  const commit = createSharedCommit(descriptor);
  let count = 0;
  app.post('/transaction', async (request, reply) => {
    await commit(`${JSON.stringify(request.body)}\n`);
    return reply.code(202).send({ id: `made-${++count}`, status: 'accepted' });
  });
  return app;
}

interface Waiting {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function createSharedCommit(descriptor: number): (text: string) => Promise<void> {
  let waiting: Waiting[] = [];
  let isBusy = false;

  function flush(): void {
    if (isBusy || waiting.length === 0) return;
    isBusy = true;
    const group = waiting;
    waiting = [];
    const end = (error: Error | null): void => {
      isBusy = false;
      for (const { resolve, reject } of group) {
        if (error === null) resolve();
        else reject(error);
      }
      setImmediate(flush);
    };
    write(descriptor, group.map(({ text }) => text).join(''), (error) => (error === null ? fdatasync(descriptor, end) : end(error)));
  }

  return (text) =>
    new Promise((resolve, reject) => {
      waiting.push({ text, resolve, reject });
      if (waiting.length === 1) setImmediate(flush);
    });
}
