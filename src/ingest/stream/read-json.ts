import { GuardianError } from '../../errors.ts';
import { createArraySplitter, type ArrayBreak } from './array-splitter.ts';
import { createLineSplitter } from '../../check/line-splitter.ts';
import { parsePiece, parseText, type StreamItem } from '../../check/stream-item.ts';

/** Items of a JSON array of any length, group by group, with bounded memory. An item longer than `maxBytes` is reported and
 *  skipped. Throws INGEST_JSON with `data.index` and `data.position` (byte), and `data.isList` (it begins like an array), where the text is not JSON any more, after the
 *  items before it were given out. */
export async function* readJsonArray(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<StreamItem[]> {
  const splitter = createArraySplitter(maxBytes);
  for await (const chunk of chunks) {
    const items: StreamItem[] = [];
    for (const piece of splitter.push(chunk)) {
      const item = parsePiece(piece, maxBytes);
      if (item.kind === 'broken' && item.findings[0]?.rule === 'json') {
        if (items.length > 0) yield items;
        throw brokenAt({ index: item.at, position: piece.position ?? 0, isList: true });
      }
      items.push(item);
    }
    if (items.length > 0) yield items;
    if (splitter.broken !== null) throw brokenAt(splitter.broken);
  }
  splitter.end();
  if (splitter.broken !== null) throw brokenAt(splitter.broken);
}

function brokenAt({ index, position, isList }: ArrayBreak): GuardianError {
  return new GuardianError('INGEST_JSON', `The JSON array breaks at item ${index}, byte ${position}.`, {
    data: { index, position, isList },
  });
}

/** Items of newline-delimited JSON, group by group, with bounded memory. A line that is not JSON, not UTF-8 or longer than
 *  `maxBytes` is reported as broken and does not stop the others. */
export async function* readNdjson(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<StreamItem[]> {
  const splitter = createLineSplitter(maxBytes);
  for await (const chunk of chunks) {
    const items = splitter.pushText(chunk).map((line) => ('text' in line ? parseText(line.at, line.text) : parsePiece(line, maxBytes)));
    if (items.length > 0) yield items;
  }
  const items = splitter.end().map((piece) => parsePiece(piece, maxBytes));
  if (items.length > 0) yield items;
}
