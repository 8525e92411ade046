import type { RunRecord, RunStep } from '@transaction-guardian/contracts/runbook.ts';
import { reasonText, text, type Locale, type TextOptions } from '@transaction-guardian/contracts/text/text.ts';
import { definitionOf, resumableStep } from './run-record.ts';

const MARKS: Readonly<Record<RunStep['state'], string>> = {
  pending: '',
  running: '⏳',
  restarting: '⏳',
  done: '✅',
  failed: '❌',
  tolerated: '⚠️',
  skipped: '⏭️',
  cancelled: '⏹️',
  interrupted: '❓',
};

/** A run as one message that is updated: a line a step, and how it ended. Pure. */
export function progressText(record: RunRecord, locale: Locale, options: TextOptions = {}): string {
  const shown = record.steps.filter(
    ({ state, started_at }) => state !== 'pending' && (state !== 'skipped' || started_at !== null || record.resumes !== null),
  );
  const steps = shown.map((step) => stepLine(record, step, locale, options));
  const cleanup = record.cleanup.map((step) =>
    text(locale, 'runbook.progress.cleanup', {
      n: step.number,
      total: record.cleanup.length,
      name: step.name[locale],
      mark: markOf(step, locale, options),
    }),
  );
  const blocks = [
    text(locale, 'runbook.progress.title', { name: record.runbook }),
    [...steps, ...cleanup].join('\n'),
    endText(record, locale),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function stepLine(record: RunRecord, step: RunStep, locale: Locale, options: TextOptions): string {
  const params = { n: step.number, total: record.steps.length, name: step.name[locale], mark: markOf(step, locale, options) };
  const facts = step.facts.map((fact) => `    ${reasonText(locale, fact, options)}`);
  return [text(locale, 'runbook.progress.step', params), ...facts].join('\n');
}

function markOf({ state, reason }: RunStep, locale: Locale, options: TextOptions): string {
  return reason === null ? MARKS[state] : `${MARKS[state]} ${reasonText(locale, reason, options)}`;
}

function endText(record: RunRecord, locale: Locale): string {
  const { state, leaves, failed_step: step } = record;
  if (state === 'running') return '';
  const run = text(locale, 'runbook.progress.run', { id: record.id });
  if (state === 'done') {
    const lines = [text(locale, 'runbook.progress.done', { seconds: secondsOf(record) }), definitionOf(record).success?.[locale] ?? ''];
    return lines.filter((line) => line !== '').join('\n');
  }
  const title = text(locale, `runbook.progress.${state}`, { step: step ?? 0, by: record.cancelled_by?.name ?? '-' });
  const resumable = resumableStep(record);
  const resume = resumable === undefined ? '' : text(locale, 'runbook.progress.resume', { step: resumable });
  return [title, leaves?.[locale] ?? '', resume, run].filter((line) => line !== '').join('\n');
}

function secondsOf({ started_at, ended_at }: RunRecord): number {
  return Math.max(0, Math.round((Date.parse(ended_at ?? started_at) - Date.parse(started_at)) / 1000));
}
