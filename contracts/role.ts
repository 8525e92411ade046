/** What a person may do, from the least to the most; each role includes those before it. `viewer`: look; `operator`: act;
 *  `approver`: confirm what somebody else asked for; `admin`: undo what others did, and give access. */
export const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Channels on which a person is known by an account: `telegram:777`. */
export const ACCOUNT_CHANNELS = ['telegram', 'whatsapp', 'slack', 'discord'] as const;

export type AccountChannel = (typeof ACCOUNT_CHANNELS)[number];

/** Places with one person each: whoever uses the commands of `guardian`, or a console link that is nobody's own. */
export const PLACES = ['cli', 'console'] as const;

/** Ids of actors that are nobody. */
export const RESERVED_IDS = ['local', 'service', 'guardian', 'unknown', ...PLACES] as const;
