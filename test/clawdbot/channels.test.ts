import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import { renderingOf } from '../../plugin/src/render/channel.ts';
import type { Line } from '../../plugin/src/render/line.ts';
import { OPENCLAW } from './night.ts';

const CHANNELS = join(OPENCLAW, 'node_modules', '@openclaw');
const skip = existsSync(CHANNELS) ? false : 'npm run test:clawdbot installs the channels';

const LINES: readonly Line[] = [
  { text: '🚨 CRÍTICO: a*b_c `d` [e](http://f) <g> & h', style: 'strong' },
  { text: '├── 25/min, esperado 5,4 (0–13), z +8,9' },
  { text: '# a' },
  { text: '- b' },
  { text: '1. c' },
  { text: '    d' },
  { text: '<!channel> ~x~' },
];
const PLAIN = LINES.map(({ text }) => text).join('\n');

/** What a package of OpenClaw makes of Markdown on its way to the network: a function that its files share under another name. */
async function converterOf(channel: string, name: string): Promise<(markdown: string) => string> {
  const folder = join(CHANNELS, channel, 'dist', '.setup');
  for (const file of readdirSync(folder)) {
    const source = readFileSync(join(folder, file), 'utf8');
    const alias = new RegExp(`\\b${name} as (\\w+)`).exec(source.slice(source.lastIndexOf('export {')))?.[1];
    if (alias === undefined) continue;
    const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, (markdown: string) => string>;
    if (module[alias] !== undefined) return module[alias];
  }
  throw new Error(`${channel} has no ${name}`);
}

/** Without what no reader sees. */
const seen = (text: string): string => text.replaceAll('\u2060', '').replaceAll('\u00a0', ' ');
const markdownOf = (channel: string): string => LINES.map(renderingOf(channel).render).join('\n');

test('WhatsApp shows a text as it is written, its title bold', { skip }, async () => {
  const convert = await converterOf('whatsapp', 'markdownToWhatsApp');
  assert.equal(seen(convert(markdownOf('whatsapp'))), PLAIN.replace(/^(.*)\n/, '*$1*\n'));
});

test('Slack shows a text as it is written, its title bold, and notifies nobody by it', { skip }, async () => {
  const convert = await converterOf('slack', 'normalizeSlackOutboundText');
  const shown = convert(markdownOf('slack'));
  const written = PLAIN.replace(/^(.*)\n/, '*$1*\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  assert.equal(seen(shown), written);
  assert.ok(!shown.includes('<!channel>'));
});
