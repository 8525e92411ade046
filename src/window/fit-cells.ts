import type { Cell, ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { windowText } from '../topic/window-message.ts';
import { cellKey } from './tally.ts';

const SUM_DIGITS = 40;

/** The window as the text of a record of at most `maxBytes`. Where it does not fit, which takes more than a million cells, it
 *  names the largest merchants only. Deterministic. */
export function fittingText(window: ClosedWindow, maxBytes: number): string {
  let text = windowText(window);
  // How far packing goes depends on the cells: what fits is found by trying.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  for (let jsonBytes = bytesOf(window.cells); Buffer.byteLength(text) > maxBytes;) {
    jsonBytes = Math.floor(jsonBytes * Math.min(0.9, maxBytes / Buffer.byteLength(text)));
    text = windowText({ ...window, cells: fitCells(window.cells, jsonBytes) });
  }
  return text;
}

/** Makes the cells of a window take at most about `maxBytes` as JSON: the cells of the smallest merchants are added up under
 *  merchant '' (status, auth code and acquirer stay apart), so every total but theirs stays exact. Deterministic. */
export function fitCells(cells: readonly Cell[], maxBytes: number): Cell[] {
  const merchants = Map.groupBy(cells, ({ merchant_id }) => merchant_id);
  const bySize = [...merchants].map(([id, own]) => ({
    id,
    own,
    count: own.reduce((sum, { count }) => sum + count, 0),
    bytes: bytesOf(own),
  }));
  bySize.sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
  const rest = new Map<string, Cell>();
  // Whoever is folded may need every one of these cells; sums have more digits than their parts.
  const reserved = [...new Map(cells.map((cell) => [cellKey({ ...cell, merchant_id: '' }), { ...cell, merchant_id: '' }])).values()];
  let room = maxBytes - bytesOf(reserved) - reserved.length * SUM_DIGITS;
  const kept: Cell[] = [];
  for (const { id, own, bytes } of bySize) {
    room -= bytes;
    if (id !== '' && room >= 0) kept.push(...own);
    else for (const cell of own) fold(rest, cell);
  }
  return [...kept, ...rest.values()]
    .map((cell) => ({ key: cellKey(cell), cell }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ cell }) => cell);
}

function fold(rest: Map<string, Cell>, cell: Cell): void {
  const key = cellKey({ ...cell, merchant_id: '' });
  const sum = rest.get(key);
  rest.set(key, {
    ...cell,
    merchant_id: '',
    count: cell.count + (sum?.count ?? 0),
    amount: Math.round((cell.amount + (sum?.amount ?? 0)) * 10_000) / 10_000,
  });
}

function bytesOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + Buffer.byteLength(JSON.stringify(cell)) + 1, 0);
}
