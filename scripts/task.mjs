// `npm run <task>`: one table of everything that a developer runs. Each task sets up what it needs by itself.
import { refuseOldNode } from './bootstrap/old-node.mjs';

refuseOldNode();
import('./bootstrap/tasks.mjs').then(function (tasks) {
  return tasks.runTask(process.argv[2], process.argv.slice(3));
});
