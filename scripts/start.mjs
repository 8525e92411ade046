// `npm start`: sets up what is missing and starts everything. Old syntax on purpose: an old Node must reach the check.
var major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  process.stderr.write('Node ' + process.versions.node + ' is too old: install Node 24 (20 is enough to bootstrap), then try again.\n');
  process.exit(1);
}
import('./bootstrap/launch.mjs').then(function (launch) {
  return launch.launchGuardian(['up'].concat(process.argv.slice(2)));
});
