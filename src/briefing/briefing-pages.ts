import { escapeHtml, escapeMarkdown } from '@transaction-guardian/contracts/text/markup.ts';
import type { Locale } from '@transaction-guardian/contracts/text/text.ts';
import { layoutOf, type BriefingHead } from './briefing-text.ts';

/** As Markdown; what people wrote, and names of merchants, cannot become markup. Pure. */
export function briefingMarkdown(briefing: BriefingHead, locale: Locale, timeZone: string): string {
  const { title, notes, parts, closing } = layoutOf(briefing, locale, timeZone);
  const sections = parts.map(({ icon, title: heading, lines }) =>
    [`## ${icon} ${heading}`, '', ...lines.map((line) => `- ${escapeMarkdown(line)}`)].join('\n'),
  );
  return [`# ${escapeMarkdown(title)}`, ...notes.map((note) => `> ${escapeMarkdown(note)}`), ...sections, closing, ''].join('\n\n');
}

/** As a page of its own. Pure. */
export function briefingHtml(briefing: BriefingHead, locale: Locale, timeZone: string): string {
  const { title, notes, parts, closing } = layoutOf(briefing, locale, timeZone);
  const sections = parts.map(
    ({ icon, title: heading, lines }) =>
      `<section><h2>${escapeHtml(`${icon} ${heading}`)}</h2><ul>${lines.map((line) => `<li><bdi>${escapeHtml(line)}</bdi></li>`).join('')}</ul></section>`,
  );
  return `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem}li{overflow-wrap:anywhere}</style>
</head><body><main>
<h1>${escapeHtml(title)}</h1>
${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')}
${sections.join('\n')}
${closing
  .split('\n\n')
  .map((line) => `<p>${escapeHtml(line)}</p>`)
  .join('\n')}
</main></body></html>
`;
}
