/** Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done without the lines of a file that were refused. `status` has a
 *  meaning of its own for them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, partial: 3 } as const;
