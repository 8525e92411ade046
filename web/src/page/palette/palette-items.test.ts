import { expect, test } from 'vitest';
import { matching, type PaletteItem } from './palette-items.ts';

const item = (kind: PaletteItem['kind'], label: string): PaletteItem => ({ id: label, kind, label, keys: '', run: () => undefined });
const ITEMS = [
  item('act', 'Reconhecer: Negadas acima do normal'),
  item('page', 'Silêncios'),
  item('page', 'Configurações'),
  item('merchant', 'Pão & Cia'),
];
const labels = (query: string) => matching(ITEMS, query).map(({ label }) => label);

test('accents, case, order and spaces of the words do not count; every word does', () => {
  expect(labels('silencios')).toEqual(['Silêncios']);
  expect(labels('  NORMAL reconhec ')).toEqual(['Reconhecer: Negadas acima do normal']);
  expect(labels('pao')).toEqual(['Pão & Cia']);
  expect(labels('silencios negadas')).toEqual([]);
});

test('merchants come when they are asked for', () => {
  expect(labels('')).toEqual(['Reconhecer: Negadas acima do normal', 'Silêncios', 'Configurações']);
});

test('thousands of names are a short list', () => {
  const many = Array.from({ length: 5000 }, (_, at) => item('merchant', `loja ${at}`));
  expect(matching(many, 'loja')).toHaveLength(12);
});
