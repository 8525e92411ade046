/** The file beside a model that has the one before it. */
export const previousModel = (file: string): string => `${file}.previous`;
