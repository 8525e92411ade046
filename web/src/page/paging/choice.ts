const KEY = 'guardian.paging';

/** What this browser does when an alert pages. Both are off until somebody switches them on here. */
export interface PagingChoice {
  readonly sound: boolean;
  readonly notify: boolean;
}

const OFF: PagingChoice = { sound: false, notify: false };

/** What was chosen in this browser. */
export function readChoice(): PagingChoice {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return OFF;
    return { sound: 'sound' in kept && kept.sound === true, notify: 'notify' in kept && kept.notify === true };
  } catch {
    return OFF;
  }
}

/** Remembers a choice, where the browser lets us. */
export function keepChoice(choice: PagingChoice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // Private windows may refuse storage: the choice then lasts as long as the page.
  }
}
