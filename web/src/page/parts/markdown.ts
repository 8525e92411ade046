import { createElement, type ReactNode } from 'react';

/** Shows the Markdown that the server writes: headings, quotes, lists, tables, bold, italic, code and escapes. Everything becomes text
 *  of the page: there is no HTML, no link and no image in it. `level`: that of the first heading. */
export function Markdown({ source, level = 3 }: { readonly source: string; readonly level?: 2 | 3 }) {
  return of(
    'div',
    blocksOf(source).map((block) => blockOf(block, level)),
    'markdown',
  );
}

/** An element with its children in their places: what is written does not move, so that no keys are needed. */
const of = (tag: string, children: readonly ReactNode[], className?: string): ReactNode =>
  createElement(tag, className === undefined ? null : { className }, ...children);

type BlockKind = 'heading' | 'quote' | 'list' | 'table' | 'text';

interface Block {
  readonly kind: BlockKind;
  readonly lines: string[];
}

function kindOf(line: string): BlockKind {
  if (/^#{1,4} /.test(line)) return 'heading';
  if (line.startsWith('>')) return 'quote';
  if (/^- |^ {2}/.test(line)) return 'list';
  return line.startsWith('|') ? 'table' : 'text';
}

/** Lines of one kind that follow each other; an empty line ends a block, a heading is one line. */
function blocksOf(source: string): Block[] {
  const blocks: Block[] = [];
  let isNew = true;
  for (const line of source.split('\n')) {
    if (line.trim() === '') {
      isNew = true;
      continue;
    }
    const kind = kindOf(line);
    const last = blocks.at(-1);
    if (!isNew && last?.kind === kind && kind !== 'heading') last.lines.push(line);
    else blocks.push({ kind, lines: [line] });
    isNew = false;
  }
  return blocks;
}

function blockOf({ kind, lines }: Block, level: number): ReactNode {
  switch (kind) {
    case 'heading': {
      const [, marks = '#', title = ''] = /^(#{1,4}) (.*)$/.exec(lines[0] ?? '') ?? [];
      return of(`h${Math.min(6, marks.length - 1 + level)}`, inline(title));
    }
    case 'quote':
      return of('blockquote', [of('p', inline(lines.map((line) => line.replace(/^> ?/, '')).join(' ')))]);
    case 'list':
      return of(
        'ul',
        itemsOf(lines).map((item) => of('li', itemOf(item))),
      );
    case 'table':
      return tableOf(lines);
    case 'text':
      return of('p', inline(lines.join(' ')));
  }
}

/** A line that is indented goes on with the item before it. */
function itemsOf(lines: readonly string[]): string[] {
  const items: string[] = [];
  for (const line of lines) {
    if (line.startsWith('- ') || items.length === 0) items.push(line.replace(/^- /, '').trim());
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return items;
}

function itemOf(item: string): readonly ReactNode[] {
  const task = /^\[([ x])\] (.*)$/.exec(item);
  return task === null ? inline(item) : [task[1] === 'x' ? '☑ ' : '☐ ', ...inline(task[2] ?? '')];
}

function tableOf([head = '', , ...rows]: readonly string[]): ReactNode {
  const cells = (line: string) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
  const row = (tag: 'th' | 'td', line: string) =>
    of(
      'tr',
      cells(line).map((cell) => of(tag, inline(cell))),
    );
  const hasHead = cells(head).some((cell) => cell !== '');
  return of('table', [
    ...(hasHead ? [of('thead', [row('th', head)])] : []),
    of(
      'tbody',
      rows.map((line) => row('td', line)),
    ),
  ]);
}

const INLINE = /\\([\\`*_{}[\]<>()#+!|~.-])|`([^`]+)`|\*\*((?:\\.|[^*\\])+)\*\*|_((?:\\.|[^_\\])+)_/g;

/** The parts of a line; what is not understood stays as it is. */
function inline(line: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    const [whole, escaped, code, bold, italic] = match;
    if (match.index > end) parts.push(line.slice(end, match.index));
    if (escaped !== undefined) parts.push(escaped);
    else if (code !== undefined) parts.push(of('code', [code]));
    else if (bold !== undefined) parts.push(of('strong', inline(bold)));
    else if (italic !== undefined) parts.push(of('em', inline(italic)));
    end = match.index + whole.length;
  }
  if (end < line.length) parts.push(line.slice(end));
  return parts;
}
