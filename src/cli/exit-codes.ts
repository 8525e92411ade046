/** Exit codes: 0 done, 1 failed, 2 wrong command line. `status` has a meaning of its own for them. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
