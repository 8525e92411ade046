// `npm run <task>`: one table of everything that a developer runs. Each task sets up what it needs by itself.
var major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  process.stderr.write('Node ' + process.versions.node + ' is too old: install Node 24 (20 is enough to bootstrap), then try again.\n');
  process.exit(1);
}
import('./bootstrap/tasks.mjs').then(function (tasks) {
  return tasks.runTask(process.argv[2], process.argv.slice(3));
});
