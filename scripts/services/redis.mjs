import { installMissing } from './install.mjs';
import { isPortOpen } from './port-open.mjs';

/** Redis, with its append-only file. */
export const redis = {
  stopSignal: 'SIGTERM',
  install: () => installMissing(['redis-server']),
  prepare: () => undefined,
  command: (folder, port) => ({
    program: 'redis-server',
    args: ['--bind', '127.0.0.1', '--port', String(port + 79), '--dir', folder, '--appendonly', 'yes'],
  }),
  isReady: (port) => isPortOpen(port + 79),
  describe: (port) => `Redis at redis://127.0.0.1:${port + 79}`,
};
