// `npm start`: sets up what is missing and starts everything. Old syntax on purpose: an old Node must reach the check.
import { refuseOldNode } from './bootstrap/old-node.mjs';

refuseOldNode();
import('./bootstrap/launch.mjs').then(function (launch) {
  return launch.launchGuardian(['up'].concat(process.argv.slice(2)));
});
