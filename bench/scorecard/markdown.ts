import { isReached, show, type Figure, type Section } from './figure.ts';

/** What the scorecard says about its run. */
export interface Head {
  readonly command: string;
  readonly at: string;
  readonly machine: string;
  readonly stamp: string;
  readonly seconds: number;
  /** Sets that were not there. */
  readonly missing: readonly string[];
  /** Figures below their floor, as sentences. */
  readonly fallen: readonly string[];
}

/** The scorecard as a document. */
export function markdownOf(head: Head, sections: readonly Section[]): string {
  const figures = sections.flatMap((section) => section.figures);
  const goals = figures.filter(({ goal }) => goal !== undefined);
  const parts = [
    '# Scorecard of the detector',
    'Written by the command below; do not edit. One default configuration for everything; decisions are those of `guardian backtest` and of the live detector. All figures but speed are the same on every machine.',
    [
      `- Command: \`${head.command}\` (\`--full\` for about ten times the work, a folder as argument for data sets elsewhere)`,
      `- Run: ${head.at}, ${head.seconds} s; ${head.stamp}`,
      `- Machine: ${head.machine}`,
      `- Goals reached: ${goals.filter(isReached).length} of ${goals.length}`,
      '- Not scored here: the industry sets of goal 4 (29 KPIs, 210 series) and the rest of the anomaly benchmark, which are not among the data sets',
      ...(head.missing.length > 0 ? [`- Not scored, because the data are not there: ${head.missing.join(', ')}`] : []),
    ].join('\n'),
    '## All figures',
    table([['figure', 'value', 'unit', 'goal', 'reached', 'best known', 'behind it'], ...sections.flatMap(figureRows)]),
    ...missedPart(sections),
    ...(head.fallen.length > 0 ? ['## Below the committed best', bullets(head.fallen)] : []),
    ...sections.flatMap((section) => [
      `## ${section.title}`,
      section.about,
      ...(section.tables ?? []).filter(({ rows }) => rows.length > 1).flatMap(({ title, rows }) => [`### ${title}`, table(rows)]),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function figureRows({ title, figures }: Section): string[][] {
  return [[`**${title}**`, '', '', '', '', '', ''], ...figures.map(figureRow)];
}

function figureRow(figure: Figure): string[] {
  const { name, value, unit, better, goal, best, note } = figure;
  const wanted = goal === undefined ? '' : `${better === 'higher' ? '>=' : '<='} ${show(goal)}`;
  return [name, show(value), unit, wanted, goal === undefined ? '' : isReached(figure) ? 'yes' : '**no**', best ?? '', note ?? ''];
}

function missedPart(sections: readonly Section[]): string[] {
  const missed = sections.flatMap(({ title, figures }) =>
    figures
      .filter((figure) => !isReached(figure))
      .map(
        ({ name, value, unit, better, goal, note }) =>
          `${title}: ${name} is ${Number.isFinite(value) ? `${show(value)} ${unit}` : 'unknown'}, the goal is ${better === 'higher' ? 'at least' : 'at most'} ${show(goal ?? 0)}${note === undefined || note === '' ? '' : ` (${note})`}`,
      ),
  );
  return missed.length === 0 ? [] : ['## Goals that are missed', bullets(missed)];
}

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  const rule = `|${(rows[0] ?? []).map(() => '---').join('|')}|`;
  return [head, rule, ...body].join('\n');
}
