import { isGuardianError } from '../../errors.ts';
import type { Say } from '../turn.ts';

/** Does an act; whoever may not gets the sentence that says which role it takes. */
export async function whereAllowed<T>(say: Say, act: () => Promise<T>): Promise<{ readonly value: T } | { readonly denied: string }> {
  try {
    return { value: await act() };
  } catch (error) {
    if (!isGuardianError(error, 'AUTH_ROLE')) throw error;
    return { denied: say('chat.not_allowed', { role: String(error.data['role']) }) };
  }
}
