import type { Line } from './line.ts';

/** A line without markup. */
export const renderPlain = ({ text }: Line): string => text.trimEnd();
