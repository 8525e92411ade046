/** Text of one cell of a row; '' for an absent one. */
export function cellText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
