import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const SKIP = new Set(['node_modules', 'dist', 'coverage', 'results', '.git', '.guardian', 'data']);

/** Markdown files below `root`, as paths relative to it. */
export function markdownFiles(root, folder = root) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIP.has(entry.name) ? [] : markdownFiles(root, path);
    return entry.name.endsWith('.md') ? [relative(root, path)] : [];
  });
}

/** Splits a document into what the checks look at, each with its line number (from 1):
 *  `codes`: inline code; `links`: targets of links; `blocks`: fenced blocks with language and text; `anchors`: ids of headings. */
export function readMarkdown(root, file) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const page = { file, codes: [], links: [], blocks: [], anchors: new Set() };
  let block = null;
  for (const [index, line] of lines.entries()) {
    const fence = /^\s*(`{3,})\s*([\w-]*)/.exec(line);
    if (block !== null && fence !== null && fence[1] === block.fence) block = null;
    else if (block !== null) block.lines.push(line);
    else if (fence !== null) page.blocks.push((block = { fence: fence[1], language: fence[2], line: index + 2, lines: [] }));
    else readProse(page, line, index + 1);
  }
  return page;
}

function readProse(page, text, line) {
  const heading = /^#+\s+(.*)$/.exec(text);
  if (heading !== null) page.anchors.add(anchorOf(heading[1]));
  for (const match of text.matchAll(/`([^`]+)`/g)) page.codes.push({ text: match[1], line });
  for (const match of text.replaceAll(/`[^`]+`/g, 'code').matchAll(/\[[^\]]*\]\(([^)\s]+)[^)]*\)/g))
    page.links.push({ target: match[1], line });
}

/** The id that GitHub gives to a heading. */
function anchorOf(heading) {
  const kept = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '');
  return kept.trim().replaceAll(/\s/g, '-');
}
