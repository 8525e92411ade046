/** What somebody writes to see how a run goes on, in each language. The answer about a run that goes on offers it. */
const PROGRESS_LINES: ReadonlySet<string> = new Set(['andamento', 'progress']);

/** The one of `offered` that asks how a run goes on; undefined when it is over, or there is none. */
export const progressLine = (offered: readonly string[]): string | undefined => offered.find((line) => PROGRESS_LINES.has(line));
