// Old syntax on purpose: an old Node must get as far as the sentence that refuses it.

/** Ends the process with one sentence where Node is too old even to set things up. */
export function refuseOldNode() {
  if (Number(process.versions.node.split('.')[0]) >= 20) return;
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
