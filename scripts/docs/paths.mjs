import { existsSync, globSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { readMarkdown } from './markdown.mjs';

/** Made by a command, not kept in git. */
const GENERATED = ['node_modules', 'dist/program', 'plugin/dist', 'web/dist', 'bench/results', '.guardian', 'coverage'];

const isGenerated = (path) => GENERATED.some((folder) => path === folder || path.startsWith(`${folder}/`));

/** Problems with links and with code that looks like a path of this repository. */
export function checkPaths(root, page) {
  const tops = new Set(readdirSync(root));
  const wordsOf = (text, line) => text.split(/[\s'"`|<>()=]+/).flatMap((word) => pathsIn(word, tops).map((path) => ({ path, line })));
  const codes = page.codes.flatMap(({ text, line }) => wordsOf(text, line));
  const blocks = page.blocks.flatMap((block) => block.lines.flatMap((text, index) => wordsOf(text, block.line + index)));
  const missing = [...codes, ...blocks].filter(({ path }) => !exists(root, path));
  return [
    ...missing.map(({ path, line }) => `${page.file}:${line}: there is no ${path}`),
    ...page.links.flatMap(({ target, line }) => checkLink(root, page, target).map((problem) => `${page.file}:${line}: ${problem}`)),
  ];
}

/** The path in a piece of code: it starts with something that is really at the top of the tree, or with a folder and a
 *  known extension; a trailing line number or full stop does not belong to it. */
function pathsIn(text, tops) {
  const path = text
    .replace(/^\.\//, '')
    .replace(/[.,:;]+$/, '')
    .replace(/:\d+$/, '');
  if (!/^[\w.@*{}[\],/-]+$/.test(path) || path.startsWith('/') || path.startsWith('-')) return [];
  const [top] = path.split('/');
  if (path.includes('/') && tops.has(top)) return [path];
  const isFile = /\.(ts|tsx|mjs|sql|md|json|yaml|yml)$/.test(path);
  return isFile && /^(src|contracts|web|test|bench|docs|scripts|\.github|\.ci)\//.test(path) ? [path] : [];
}

function exists(root, path) {
  if (isGenerated(path.replace(/\/$/, ''))) return true;
  if (/[*{]/.test(path)) return globSync(path, { cwd: root }).length > 0;
  return existsSync(join(root, path));
}

function checkLink(root, page, target) {
  if (/^[a-z]+:/i.test(target)) return [];
  const [path, anchor] = target.split('#');
  const file = path === '' ? page.file : normalize(join(dirname(page.file), decodeURI(path)));
  if (!isGenerated(file) && !existsSync(join(root, file))) return [`the link ${target} leads nowhere`];
  if (anchor === undefined || !file.endsWith('.md')) return [];
  return readMarkdown(root, file).anchors.has(anchor) ? [] : [`${file} has no heading #${anchor}`];
}
