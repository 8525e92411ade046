/** A font of strokes on a grid of 5 by 9 points: x 0..4, y 0 (top) to 6 (base line) and 8 (below it). A glyph is lines of points,
 *  two digits a point, lines apart by `|`. Strokes scale to any size and need no file and no engine. */
const GLYPHS: Readonly<Record<string, string>> = {
  '0': '1030414536160501 10',
  '1': '112026|1636',
  '2': '011030414206 46',
  '3': '0040223243453616 05',
  '4': '36300444',
  '5': '400002324345361605',
  '6': '30100105163645443303',
  '7': '004016',
  '8': '103041423313020110|1304051636454433',
  '9': '16364541301001021343',
  A: '0602204246|0444',
  B: '06003041423303|3344453606',
  C: '4130100105163645',
  D: '06002042442606',
  E: '40000646|0333',
  F: '400006|0333',
  G: '41301001051636454323',
  H: '0006|4046|0343',
  I: '1030|2026|1636',
  J: '4045361605',
  K: '0006|400346',
  L: '000646',
  M: '0600234046',
  N: '06004640',
  O: '103041453616050110',
  P: '06003041423303',
  Q: '103041453616050110|2446',
  R: '06003041423303|2346',
  S: '413010010213334445361605',
  T: '0040|2026',
  U: '000516364540',
  V: '002640',
  W: '0016223640',
  X: '0046|4006',
  Y: '002340|2326',
  Z: '00400646',
  a: '12324346|44140516 46',
  b: '0006|0232434536 06',
  c: '421203051646',
  d: '4046|421203051646',
  e: '0444433212 03051646',
  f: '40302126|1232',
  g: '421203051646|42473818',
  h: '0006|0312324346',
  i: '2226|2020',
  j: '32372818|3030',
  k: '0006|320436',
  l: '20252636',
  m: '0206|03122326|23324346',
  n: '0206|0312324346',
  o: '123243453616050312',
  p: '0208|0232434536 06',
  q: '4248|421203051646',
  r: '0206|041222 32',
  s: '421203143445 3606',
  t: '10152636|0232',
  u: '02051646|4246',
  v: '022642',
  w: '0216233642',
  x: '0246|4206',
  y: '0226|4218',
  z: '02420646',
  '.': '2626',
  ',': '2617',
  ':': '2323|2626',
  '-': '1333',
  '–': '0343',
  '/': '0640',
  '%': '0640|0010110100|3545463635',
  '(': '30121436',
  ')': '10323416',
  '+': '0343|2125',
  '·': '2323',
  _: '0646',
  $: '413010010213334445361605|2026',
  '#': '1016|3036|0242|0444',
  '~': '031213 2333 32',
  '…': '0606|2626|4646',
  "'": '2021',
};
const UNKNOWN = '1232361612';

/** Marks on a letter, by their combining character; two rows higher on capitals. */
const MARKS: Readonly<Record<string, string>> = {
  '\u0300': '1021',
  '\u0301': '3021',
  '\u0302': '112031',
  '\u0303': '01102130',
  '\u0308': '1010|3030',
  '\u0327': '262718',
};
const BELOW = '\u0327';
/** Columns between two letters, and of a blank. */
const GAP = 2;
const BLANK = 2;

/** Points of one line of a letter, in steps of the grid. */
export type Stroke = readonly (readonly [x: number, y: number])[];

/** The strokes of a text from x 0 on, and its width. Accents are drawn; letters that the font does not have are a box. Pure. */
export function strokesOf(text: string): { readonly strokes: readonly Stroke[]; readonly width: number } {
  const strokes: Stroke[] = [];
  /** Where the next letter begins, and where the last one stands. */
  let next = 0;
  let shift = 0;
  let base = '';
  for (const letter of text.normalize('NFD')) {
    const mark = MARKS[letter];
    if (mark !== undefined) strokes.push(...linesOf(mark, shift, letter !== BELOW && /^[A-Z]$/.test(base) ? -2 : 0));
    else if (/\p{M}/u.test(letter)) continue;
    else if (letter.trim() === '') next += BLANK;
    else {
      const glyph = GLYPHS[letter] ?? UNKNOWN;
      const columns = linesOf(glyph, 0, 0).flatMap((line) => line.map(([x]) => x));
      shift = next - Math.min(...columns);
      next += Math.max(...columns) - Math.min(...columns) + GAP;
      base = letter;
      strokes.push(...linesOf(glyph, shift, 0));
    }
  }
  return { strokes, width: Math.max(0, next - GAP) };
}

function linesOf(glyph: string, dx: number, dy: number): Stroke[] {
  return glyph.split('|').map((line) => {
    const digits = line.replaceAll(' ', '');
    return Array.from({ length: digits.length / 2 }, (_, at) => [Number(digits[at * 2]) + dx, Number(digits[at * 2 + 1]) + dy] as const);
  });
}
