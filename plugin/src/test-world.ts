import type { IncomingAlert, IncomingGroup } from './payload.ts';
import type { Outbound, Outgoing, OutboundOutcome } from './outbound/outgoing.ts';
import { readSettings, type Settings, type Target } from './settings.ts';
import { openLedger, type Ledger } from './state/ledger.ts';
import type { StateFile } from './state/state-file.ts';
import { createBurst } from './alert/burst.ts';
import { createDeliver, createTell, type Deliver } from './alert/deliver.ts';
import { createOwedSender } from './alert/owed.ts';
import type { ReceiptReport } from './alert/receipt.ts';
import { createRecovery, type Recovery } from './alert/recovery.ts';
import { openIntents } from './state/intents.ts';

export const TELEGRAM: Target = { channel: 'telegram', to: '777' };
export const WHATSAPP: Target = { channel: 'whatsapp', to: '+5511987654321' };

export const settingsOf = (written: Readonly<Record<string, unknown>> = {}): Settings =>
  readSettings({ deliverTo: [TELEGRAM], owners: ['telegram:777'], ...written });

/** What the gateway reports of the page of `alertOf()`. */
export const SENT =
  '**🚨 CRITICAL: Zero transactions detected**\nSistema: Transaction Guardian\nHora: 15:32\nAção: Verificar API imediatamente';

/** An alert of the server, or of a rule where `annotations` says so. */
export function alertOf(over: Partial<IncomingAlert> & { readonly severity?: string } = {}): IncomingAlert {
  const { severity = 'critical', ...rest } = over;
  return {
    status: 'firing',
    labels: { alertname: 'GuardianZeroTransactions', severity, service: 'transaction-guardian', type: 'zero_transactions' },
    annotations: { summary: 'Zero transactions detected', action: 'Verificar API imediatamente' },
    startsAt: '2026-11-28T18:32:00.000Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: '9c1185a5c5e9fc54',
    ...rest,
  };
}

export const groupOf = (alerts: readonly IncomingAlert[], groupKey = 'merchant/m-1'): IncomingGroup => ({
  groupKey,
  alerts,
  truncatedAlerts: 0,
});

export const resolved = (alert: IncomingAlert): IncomingAlert => ({ ...alert, status: 'resolved', endsAt: '2026-11-28T18:40:00.000Z' });

interface Sent extends Outgoing {
  readonly target: Target;
  readonly messageId: string;
  readonly edited: readonly Outgoing[];
}

/** Phones that take what is sent, in memory. */
export interface TestPhones extends Outbound {
  readonly sent: Sent[];
  outcome: OutboundOutcome | null;
  isEditable: boolean;
}

export function createPhones(): TestPhones {
  const sent: Sent[] = [];
  const phones: TestPhones = {
    sent,
    outcome: null,
    isEditable: true,
    canEdit: (channel) => channel === 'telegram',
    async send(target, message) {
      if (phones.outcome !== null && phones.outcome.kind === 'failed') return phones.outcome;
      const messageId = String(100 + sent.length);
      sent.push({ ...message, target, messageId, edited: [] });
      return phones.outcome ?? { kind: 'sent', messageId };
    },
    async edit(target, messageId, message) {
      const at = sent.findIndex((one) => one.messageId === messageId && one.target.to === target.to);
      const known = sent[at];
      if (known === undefined || !phones.isEditable) return false;
      sent[at] = { ...known, ...message, edited: [...known.edited, message] };
      return true;
    },
  };
  return phones;
}

/** A file in memory. */
export function createMemoryFile(): StateFile & { value: unknown } {
  const file = {
    value: undefined as unknown,
    read: async () => file.value,
    write: async (value: () => unknown) => {
      file.value = JSON.parse(JSON.stringify(value())) as unknown;
    },
  };
  return file;
}

export interface TestWorld<Phones extends Outbound = TestPhones> {
  readonly phones: Phones;
  readonly deliver: Deliver;
  readonly recovery: Recovery;
  readonly ledger: Ledger;
  readonly receipts: ReceiptReport[];
  /** What the server says that it acts on. */
  acts: { elsewhere: boolean };
  /** Moves the clock. */
  pass(ms: number): void;
  /** The gateway begins anew with what is on disk. */
  restart(phones?: Phones): Promise<TestWorld<Phones>>;
}

/** What a world keeps while its gateway is away. */
interface TestDisk {
  readonly told: StateFile;
  readonly sending: StateFile;
}

export const createWorld = (settings: Settings = settingsOf()): Promise<TestWorld> =>
  createWorldOf(settings, createPhones(), { told: createMemoryFile(), sending: createMemoryFile() });

/** The plugin at work with other phones, or with files of its own. */
export async function createWorldOf<Phones extends Outbound>(
  settings: Settings,
  phones: Phones,
  disk: TestDisk,
): Promise<TestWorld<Phones>> {
  let now = Date.parse('2026-11-28T18:33:00Z');
  const receipts: ReceiptReport[] = [];
  const ledger = await openLedger(disk.told, () => undefined);
  const report = async (_target: Target, _alerts: unknown, receipt: ReceiptReport): Promise<void> => {
    receipts.push(receipt);
  };
  const clock = () => now;
  const acts = { elsewhere: false };
  const intents = await openIntents(disk.sending, {
    now,
    isKnown: ({ chat, groups }) => groups.every(({ alerts }) => alerts.every((alert) => ledger.isTold(chat, alert))),
    onError: () => undefined,
  });
  const wait = async (ms: number): Promise<void> => {
    now += ms;
  };
  const targets = settings.deliverTo;
  const recovery = createRecovery({ intents, ledger, report, owe: (one) => owed.take(one), targets, now: clock, wait });
  const burst = createBurst({ settings, ledger, outbound: phones, intents, recovery, report, now: clock });
  const tell = createTell({
    ...{ settings, ledger, outbound: phones, burst, intents, recovery, report, now: clock },
    actsElsewhere: async () => acts.elsewhere,
  });
  const owed = createOwedSender({ intents, ledger, tell, targets, now: clock, wait, isStopped: () => false });
  owed.resume();
  return {
    phones,
    ledger,
    receipts,
    acts,
    recovery,
    deliver: createDeliver(settings, tell),
    pass: (ms) => {
      now += ms;
    },
    restart: (others = phones) => createWorldOf(settings, others, disk),
  };
}

/** A message as it reads, without markup. */
export const textOf = ({ lines }: Pick<Outgoing, 'lines'>): string => lines.map(({ text }) => text).join('\n');
