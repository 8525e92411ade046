import { chatOf, type Target } from '../settings.ts';
import { INTENT_KEPT_MS, type Intents, type Owed } from '../state/intents.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Tell } from './deliver.ts';

/** Between two attempts, the first and the longest. */
const FIRST_MS = 5000;
const LONGEST_MS = 300_000;

export interface OwedDeps {
  readonly intents: Pick<Intents, 'owe' | 'pay' | 'owed'>;
  readonly ledger: Pick<Ledger, 'isTold'>;
  readonly tell: Tell;
  readonly targets: readonly Target[];
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
}

/** Sends what the gateway's queue gave up, until its chat has it: Alertmanager was answered that it is delivered, and repeats an alert
 *  hours later and an end never. */
export function createOwedSender({ intents, ledger, tell, targets, now, wait, isStopped }: OwedDeps): {
  take(owed: Owed): void;
  /** Goes on with what an earlier run of the gateway left. */
  resume(): void;
} {
  const send = async (owed: Owed): Promise<void> => {
    const { chat, group, notification, at } = owed;
    const target = targets.find((one) => chatOf(one) === chat);
    for (let pause = FIRST_MS; target !== undefined && now() - at < INTENT_KEPT_MS; pause = Math.min(2 * pause, LONGEST_MS)) {
      // The chat knows how it ended: that it began is no news.
      const alerts = group.alerts.filter(
        ({ status, fingerprint, startsAt }) => status === 'resolved' || !ledger.isTold(chat, { fingerprint, startsAt, status: 'resolved' }),
      );
      if (alerts.length === 0 || (await tell(target, { ...group, alerts }, notification)).kind === 'delivered') break;
      await wait(pause);
      if (isStopped()) return;
    }
    intents.pay(owed);
  };
  return {
    take(owed) {
      intents.owe(owed);
      void send(owed);
    },
    resume() {
      for (const owed of intents.owed) void send(owed);
    },
  };
}
