/** Text that HTML shows as it is, also inside of an attribute. */
export const escapeHtml = (line: string): string =>
  line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Text that Markdown shows as it is. */
export const escapeMarkdown = (line: string): string => line.replaceAll(/[\\`*_{}[\]<>()#+!|~]/g, String.raw`\$&`);
