/** Sign before the fraction of a number; the other one may stand between thousands. */
export type DecimalSign = '.' | ',';

const ONE_SIGN = /^[-+]?(\d+)([.,])(\d*)$/;
/** Thousands apart by what is no decimal sign anywhere: a space of any width, or an apostrophe. */
const SPACED = /^[-+]?\d{1,3}([ \u00a0\u2009\u202f'\u2019])\d{3}(?:\1\d{3})*(?:([.,])\d+)?$/;
const GROUPED = /^[-+]?\d{1,3}(?:([.,])\d{3})+(?:([.,])\d+)?$/;

/** What one cell says of its column: the decimal sign, `unclear` for a number like `1.500` or `1,500`, which is one and a
 *  half or fifteen hundred, null for a number without a sign and for text that is not a number. */
export function decimalSignOf(cell: string): DecimalSign | 'unclear' | null {
  const one = ONE_SIGN.exec(cell);
  if (one !== null) {
    const [, whole = '', sign = '', fraction = ''] = one;
    const isUnclear = fraction.length === 3 && whole.length <= 3 && !whole.startsWith('0');
    return isUnclear ? 'unclear' : (sign as DecimalSign);
  }
  const spaced = SPACED.exec(cell);
  if (spaced !== null) return (spaced[2] as DecimalSign | undefined) ?? null;
  const [, group, decimal] = GROUPED.exec(cell) ?? [];
  if (group === undefined || group === decimal) return null;
  return group === '.' ? ',' : '.';
}

/** Reads a number whose column has this decimal sign; null for what is no such number. */
export function readSignedNumber(cell: string, decimal: DecimalSign): number | null {
  const plain = withoutGroups(cell, decimal === '.' ? ',' : '.', decimal).replace(decimal, '.');
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(plain) ? Number(plain) : null;
}

function withoutGroups(cell: string, group: DecimalSign, decimal: DecimalSign): string {
  const [, space] = SPACED.exec(cell) ?? [];
  if (space !== undefined) return cell.replaceAll(space, '');
  return new RegExp(`^[-+]?\\d{1,3}(?:[${group}]\\d{3})+(?:[${decimal}]\\d+)?$`).test(cell) ? cell.replaceAll(group, '') : cell;
}

/** Decides the decimal sign of a column by its cells, in the order in which they come. */
export interface SignEvidence {
  /** Takes what a cell says. */
  see(cell: string): void;
  /** The sign that the cells so far prove; null while none does. `mixed`: they prove both. */
  readonly sign: DecimalSign | 'mixed' | null;
}

/** Makes the evidence of one column. */
export function createSignEvidence(): SignEvidence {
  let sign: DecimalSign | 'mixed' | null = null;
  return {
    see(cell) {
      const said = decimalSignOf(cell);
      if (said === null || said === 'unclear' || said === sign) return;
      sign = sign === null ? said : 'mixed';
    },
    get sign() {
      return sign;
    },
  };
}
