#!/usr/bin/env node
// The `guardian` program: the same set-up check as `npm start`, then the command. Old syntax on purpose, see start.mjs.
import { refuseOldNode } from './bootstrap/old-node.mjs';

refuseOldNode();
import('./bootstrap/launch.mjs').then(function (launch) {
  return launch.launchGuardian(process.argv.slice(2));
});
