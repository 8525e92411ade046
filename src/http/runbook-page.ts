import { escapeHtml } from '@transaction-guardian/contracts/text/markup.ts';

/** A runbook as a page that a phone can read, from its Markdown: headings, paragraphs, lists, bold text, code and links. Nothing of the
 *  text is taken as HTML. Pure. */
export function runbookPage(markdown: string): string {
  const blocks = markdown.trim().split(/\n{2,}/);
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem}code{overflow-wrap:anywhere}</style>
</head><body>
${blocks.map(blockOf).join('\n')}
</body></html>
`;
}

function blockOf(block: string): string {
  const heading = /^(#{1,3}) (.+)$/.exec(block);
  if (heading !== null) return `<h${heading[1]?.length}>${inline(heading[2] ?? '')}</h${heading[1]?.length}>`;
  const lines = block.split('\n');
  const item = /^(?:\d+\.|-) /;
  if (!lines.every((line) => item.test(line) || line.startsWith('  '))) return `<p>${inline(lines.join(' '))}</p>`;
  const list = block.startsWith('-') ? 'ul' : 'ol';
  const items = block.split(/\n(?=\d+\. |- )/).map((one) => `<li>${inline(one.replace(item, ''))}</li>`);
  return `<${list}>${items.join('')}</${list}>`;
}

function inline(text: string): string {
  return escapeHtml(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/\[([^\]]+)\]\(([a-z-]+)\.md\)/g, '<a href="$2">$1</a>');
}
