#!/usr/bin/env node
// The `guardian` program: the same set-up check as `npm start`, then the command. Old syntax on purpose, see start.mjs.
var major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  process.stderr.write('Node ' + process.versions.node + ' is too old: install Node 24 (20 is enough to bootstrap), then try again.\n');
  process.exit(1);
}
import('./bootstrap/launch.mjs').then(function (launch) {
  return launch.launchGuardian(process.argv.slice(2));
});
