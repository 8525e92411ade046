/** Id of an incident, as people say it: `inc-12`. */
export const incidentId = (number: number): string => `inc-${number}`;

/** Number of an incident that somebody names as `inc-12`, `INC 12`, `#12` or `12`; null when it is none. */
export function incidentNumber(name: string): number | null {
  const match = /^\s*(?:inc(?:ident)?[- ]?|#)?(\d{1,9})\s*$/i.exec(name);
  const number = Number(match?.[1]);
  return match !== null && number > 0 ? number : null;
}
