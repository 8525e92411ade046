import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BUILT_IN = new Set(['ci', 'install', 'i', 'exec', 'audit', 'outdated']);

/** Names and flags of the commands of `guardian`, read from the sources in src/cli. */
export function readCommands(root) {
  const names = new Set(['help']);
  const flags = new Set(['--help', '--version', '-h', '-V']);
  for (const file of globSync('src/cli/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue;
    const source = readFileSync(join(root, file), 'utf8');
    for (const match of source.matchAll(/\b(?:command|add)\(\s*'([a-z][\w-]*)/g)) names.add(match[1]);
    for (const match of source.matchAll(/(--[a-z][\w.-]*)/g)) flags.add(match[1]);
  }
  return { names, flags };
}

const scriptsOf = (root, workspace) => {
  const file = join(root, workspace, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).scripts ?? {}) : {};
};

/** Problems with `npm run x` and `guardian x` in inline code and in shell blocks. */
export function checkCommands(root, page, commands = readCommands(root)) {
  const shell = page.blocks.filter(({ language }) => ['sh', 'bash', 'console'].includes(language));
  const lines = [...page.codes, ...shell.flatMap((block) => block.lines.map((text, index) => ({ text, line: block.line + index })))];
  return lines.flatMap(({ text, line }) => {
    const plain = text.replace(/(^|\s)#.*$/, '');
    return [...checkNpm(root, plain), ...checkGuardian(plain, commands)].map((problem) => `${page.file}:${line}: ${problem}`);
  });
}

function checkNpm(root, text) {
  const workspace = /\s(?:-w|--workspace)[ =](\S+)/.exec(text)?.[1] ?? '.';
  const scripts = scriptsOf(root, workspace);
  return [...text.matchAll(/(?:^|[\s;&|(])npm (run )?([a-z][\w:-]*)/g)].flatMap(([, run, name]) => {
    if (run === undefined && BUILT_IN.has(name)) return [];
    return name in scripts ? [] : [`package.json has no script "${name}"`];
  });
}

function checkGuardian(text, { names, flags }) {
  const call = /(?:^|[\s;&|(])(?:npx |npm run )?guardian(?: --)? ([a-z][\w-]*)(.*)$/.exec(text) ?? /^npm start --()(.*)$/.exec(text);
  if (call === null) return [];
  const name = call[1];
  const unknown = [...call[2].split(/[|;&]/)[0].matchAll(/\s(--[a-z][\w.-]*)/g)]
    .map((match) => match[1])
    .filter((flag) => !flags.has(flag));
  return [
    ...(name === '' || names.has(name) ? [] : [`there is no command "guardian ${name}"`]),
    ...unknown.map((flag) => `no command of guardian has ${flag}`),
  ];
}
