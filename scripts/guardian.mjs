#!/usr/bin/env node
// The `guardian` program: the same set-up check as `npm start`, then the command. Old syntax on purpose, see start.mjs.
var major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  var english = /^(?!pt|C\b|POSIX)./i.test(process.env.GUARDIAN_LOCALE || process.env.LC_ALL || process.env.LANG || '');
  process.stderr.write(
    'Node ' +
      process.versions.node +
      (english
        ? ' is too old: install Node 24 (20 is enough to bootstrap), then try again.\n'
        : ' é antigo demais: instale o Node 24 (o 20 basta para começar) e tente de novo.\n'),
  );
  process.exit(1);
}
import('./bootstrap/launch.mjs').then(function (launch) {
  return launch.launchGuardian(process.argv.slice(2));
});
