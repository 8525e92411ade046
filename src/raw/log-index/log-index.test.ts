import { MessageChannel } from 'node:worker_threads';
import { rawConformance } from '../raw.conformance.ts';
import { createIndexUnderTest, type IndexUnderTest } from './index-under-test.ts';
import { createLinkedIndex, serveIndex } from './remote-index.ts';

rawConformance('log index', () => createIndexUnderTest());
rawConformance('log index that writes out every 32 entries', () => createIndexUnderTest({ memoryEntries: 32 }));

/** The same from another process: every opening of the index is a new wire to it. */
async function createLinkedUnderTest(): Promise<IndexUnderTest> {
  const under = await createIndexUnderTest();
  const linked = createLinkedIndex();
  const ports: { close(): void }[] = [];
  const link = (): void => {
    for (const port of ports.splice(0)) port.close();
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    serveIndex(port2, under.raw());
    linked.open(port1);
  };
  link();
  return {
    ...under,
    raw: () => linked,
    async reopen(how) {
      await under.reopen(how);
      link();
    },
    async release() {
      for (const port of ports) port.close();
      await under.release();
    },
  };
}

rawConformance('log index of another process', createLinkedUnderTest);
