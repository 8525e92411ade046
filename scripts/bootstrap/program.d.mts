/** The file that starts the program. */
export function programFile(): string;
