import type { Line } from './line.ts';
import { renderMarkdown } from './markdown.ts';

/** A line for Slack: OpenClaw turns the Markdown into mrkdwn. */
export const renderSlack = (line: Line): string => renderMarkdown(line);
