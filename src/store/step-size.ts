/** A step that took longer makes the next ones smaller: the database serves one caller at a time. */
const STEP_MS = 25;
const MOST_ROWS = 2000;

/** Rows of the first step of a deletion. */
export const FIRST_ROWS = 200;

/** Rows for the next step, from those of the last and how long they took. */
export function nextStepSize(rows: number, ms: number): number {
  if (ms > STEP_MS) return Math.max(10, Math.floor((rows * STEP_MS) / (2 * ms)));
  return ms < STEP_MS / 2 ? Math.min(MOST_ROWS, rows * 2) : rows;
}
