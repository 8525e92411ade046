import type { Line } from './line.ts';
import { renderMarkdown } from './markdown.ts';

/** A line for WhatsApp: OpenClaw turns `**bold**` into `*bold*` and keeps escaped marks as they are. */
export const renderWhatsApp = (line: Line): string => renderMarkdown(line);
