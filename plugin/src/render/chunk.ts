import type { ChannelRendering } from './channel.ts';
import type { Line } from './line.ts';

/** The messages of a text: as few as the channel's limit allows, cut between lines and, where one line is too long, within it. Blank
 *  lines at a cut go away. */
export function chunk(lines: readonly Line[], { render, limit }: Pick<ChannelRendering, 'render' | 'limit'>): string[] {
  const chunks: string[] = [];
  let now: string[] = [];
  let length = 0;
  const end = (): void => {
    const text = now.join('\n').replace(/^\n+|\s+$/g, '');
    if (text !== '') chunks.push(text);
    now = [];
    length = 0;
  };
  for (const line of lines.flatMap((one) => cut(one, render, limit))) {
    const rendered = render(line);
    if (length + rendered.length + 1 > limit) end();
    now.push(rendered);
    length += rendered.length + 1;
  }
  end();
  return chunks;
}

/** A line in pieces that fit when rendered: never within a character that takes two units, and at a space where there is one. */
function cut(line: Line, render: ChannelRendering['render'], limit: number): Line[] {
  if (render(line).length <= limit) return [line];
  const characters = Array.from(line.text);
  let size = Math.min(characters.length, limit);
  while (size > 1 && render({ ...line, text: characters.slice(0, size).join('') }).length > limit) size = Math.floor(size * 0.8);
  const space = characters.lastIndexOf(' ', size);
  const at = space > size / 2 ? space + 1 : size;
  const piece = (from: number, to?: number): Line => ({ ...line, text: characters.slice(from, to).join('') });
  return [piece(0, at), ...cut(piece(at), render, limit)];
}
