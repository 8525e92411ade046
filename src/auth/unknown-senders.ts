import type { Channel } from '@transaction-guardian/contracts/actor.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { audited } from '../store/verbs/audit/append-audit.ts';
import { recentRefusals } from '../store/verbs/audit/recent-refusals.ts';

/** A sender that is nobody's identity. */
export interface UnknownSender {
  /** As the channel names it: `telegram:999`. */
  readonly identity: string;
  readonly channel: Channel;
  readonly address: string | null;
  readonly messageId: string | null;
}

/** Answers senders that nobody has configured, at a rate that a flood of them cannot raise. */
export interface UnknownSenders {
  /** True when the sender should get a refusal, which an hour allows once; a row of the audit says so. False: say
   *  nothing. Never throws: a row that cannot be written is a sender that is reported nothing. */
  refuse(sender: UnknownSender): Promise<boolean>;
}

const HOUR_MS = 3_600_000;
/** Rows and refusals an hour, of all senders together and over all processes on one database. */
const HOURLY_MOST = 20;
const IDENTITY_MOST = 80;

/** Makes the desk. Memory is bounded: it remembers only whom it answered in the last hour, and whom it knows that others did. */
export function createUnknownSenders({ database, clock }: { readonly database: Database; readonly clock: Clock }): UnknownSenders {
  /** When each sender was reported, the oldest first. */
  const told = new Map<string, number>();
  let untold = 0;

  return {
    async refuse({ identity, channel, address, messageId }) {
      const at = clock.now();
      for (const [one, since] of told) if (at - since >= HOUR_MS || since > at) told.delete(one);
      const shown = shownIdentity(identity);
      if (told.has(shown) || told.size >= HOURLY_MOST) {
        untold += 1;
        return false;
      }
      told.set(shown, at);
      const [actor, not_recorded] = [unknownActor(shown, channel, address, messageId), untold];
      untold = 0;
      const act = { actor, verb: 'sender.refuse', arguments: { identity: shown, not_recorded }, at } as const;
      try {
        const isFirst = await database.transaction((tx) =>
          audited(tx, act, async () => {
            // The audit is locked: no other process refuses meanwhile.
            const refused = await recentRefusals(tx, at - HOUR_MS);
            const isNew = refused.length < HOURLY_MOST && !refused.includes(shown);
            return { value: isNew, outcome: isNew ? { result: 'forbidden' } : null };
          }),
        );
        if (!isFirst) untold += not_recorded + 1;
        return isFirst;
      } catch {
        told.delete(shown);
        untold += not_recorded + 1;
        return false;
      }
    },
  };
}

function unknownActor(identity: string, channel: Channel, address: string | null, messageId: string | null) {
  return { id: 'unknown', kind: 'unknown', name: identity, claimed_name: null, channel, address, message_id: messageId } as const;
}

/** An identity as it may stand in a row: no control characters, not without end. */
const shownIdentity = (identity: string): string => identity.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '').slice(0, IDENTITY_MOST);
