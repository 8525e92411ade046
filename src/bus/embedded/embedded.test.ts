import { busConformance } from '../bus.conformance.ts';
import { createEmbeddedUnderTest } from './bus-under-test.ts';

busConformance('embedded, writer thread', async () => createEmbeddedUnderTest('thread'));
busConformance('embedded, writer inline', async () => createEmbeddedUnderTest('inline'));
