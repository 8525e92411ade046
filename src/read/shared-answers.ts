import type { Clock } from '../clock.ts';

/** Answers that one process has just computed, for the others. Engines: `memory`, `redis`. Methods throw when nobody can say. */
export interface SharedAnswers {
  get(name: string): Promise<string | null>;
  /** Keeps an answer for `forMs`. */
  put(name: string, answer: string, forMs: number): Promise<void>;
}

/** Makes the answers of one process. */
export function createSharedAnswers(clock: Pick<Clock, 'monotonic'>): SharedAnswers {
  const kept = new Map<string, { readonly answer: string; readonly until: number }>();
  return {
    async get(name) {
      const known = kept.get(name);
      return known === undefined || known.until <= clock.monotonic() ? null : known.answer;
    },
    async put(name, answer, forMs) {
      kept.set(name, { answer, until: clock.monotonic() + forMs });
    },
  };
}

/** The same question, asked once in `forMs` by all processes together; each asks for itself while the shared answers are away. The answer
 *  must be plain JSON. Throws what `read` throws. */
export function shareAnswer<Answer>(
  answers: SharedAnswers,
  { name, forMs }: { readonly name: string; readonly forMs: number },
  read: () => Promise<Answer>,
): () => Promise<Answer> {
  return async () => {
    const known = await answers.get(name).catch(() => null);
    if (known !== null) return JSON.parse(known) as Answer;
    const answer = await read();
    answers.put(name, JSON.stringify(answer), forMs).catch(() => undefined);
    return answer;
  };
}
