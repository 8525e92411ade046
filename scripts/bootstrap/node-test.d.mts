/** Arguments of Node that run test files, each test and each process with a bound. */
export const NODE_TEST: readonly string[];
