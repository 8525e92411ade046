import { sharedSessionsConformance } from './shared-sessions.conformance.ts';
import { createSharedSessions } from './shared-sessions.ts';

sharedSessionsConformance('memory', async () => {
  const sessions = createSharedSessions({ now: () => Date.now() });
  return [sessions, sessions];
});
