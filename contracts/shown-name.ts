import type { ActorIdentity } from './actor.ts';

/** How lists and messages name whoever acts: a configured person by her name, a program without one by the name that it claims. */
export const shownName = ({ kind, name, claimed_name: claimed }: Pick<ActorIdentity, 'kind' | 'name' | 'claimed_name'>): string =>
  kind === 'person' ? name : (claimed ?? name);
