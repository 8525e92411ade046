import { registerGuardian } from './register.ts';
import type { PluginApi } from './openclaw.ts';

/** The plugin, as OpenClaw loads it. It calls `register` more than once, so that nothing happens before the service starts. */
const plugin = {
  id: 'transaction-guardian',
  name: 'Transaction Guardian',
  register(api: PluginApi): void {
    registerGuardian(api);
  },
};

export default plugin;
