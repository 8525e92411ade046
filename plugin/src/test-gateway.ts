import type { BatchParams, BatchResult, MessageSent, PluginLogger } from './openclaw.ts';
import { createOutbound } from './outbound/outbound.ts';
import type { Outbound } from './outbound/outgoing.ts';
import type { Settings } from './settings.ts';
import type { StateFile } from './state/state-file.ts';
import { createMemoryFile, createWorldOf, type TestWorld } from './test-world.ts';

/** What happens to the next message, once. A channel works slowly, asks to wait, answers 500 or 403, refuses the connection, also to
 *  end it when the queue comes, ends it before or after it has taken the message; or the gateway is killed: before its queue has the message, before the channel is asked,
 *  before the channel has it, before the channel has answered, or after that. */
export type GatewayFault =
  | 'works'
  | 'slow'
  | 'HTTP 429'
  | 'HTTP 500'
  | 'HTTP 403'
  | 'refuses'
  | 'refuses, then ends'
  | 'ends before'
  | 'ends after'
  | 'killed before the queue'
  | 'killed before the channel'
  | 'killed while it asks'
  | 'killed before the answer'
  | 'killed after the answer';

/** A message on the phone. */
export interface TestMessage {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly replyTo: string | null;
}
interface Entry {
  readonly params: BatchParams;
  /** The channel was asked: it may have the message. */
  isAsked: boolean;
  /** The channel ends the connection when the queue asks. */
  readonly ends: boolean;
}

/** A stand-in for a gateway with its queue on disk, as far as OpenClaw 2026.9.6 was seen to behave with Telegram: it waits out a 429,
 *  holds what was never asked for and sends it when the channel is back, gives anything else up, and after a kill says of each
 *  message that it had what became of it. */
export interface TestGateway {
  readonly onPhone: readonly TestMessage[];
  /** What the next message meets. */
  next: GatewayFault;
  /** The plugin in the gateway that runs now. */
  world(): TestWorld<Outbound>;
  /** Resolves when the gateway is killed that runs now. */
  killed(): Promise<void>;
  /** Starts it again, and lets its queue say what it knows. */
  restart(): Promise<void>;
  /** Sends what the queue holds. */
  flush(): void;
}

const SILENT: PluginLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const never = (): Promise<never> => new Promise(() => undefined);

export async function createTestGateway(settings: Settings): Promise<TestGateway> {
  const onPhone: TestMessage[] = [];
  const disk = { told: createMemoryFile(), sending: createMemoryFile() };
  let queue: Entry[] = [];
  let run = 0;
  let tellKilled: () => void = () => undefined;
  let killed: Promise<void> = never();

  const show = ({ to, payloads: [payload], replyToId }: BatchParams): string => {
    const id = String(1000 + onPhone.length);
    onPhone.push({ id, to, text: payload?.text ?? '', replyTo: replyToId ?? null });
    return id;
  };
  const kill = (): Promise<never> => {
    run += 1;
    tellKilled();
    return never();
  };
  const failed = (message: string, facts: object): BatchResult => ({
    status: 'failed',
    error: Object.assign(new Error(message), { sentBeforeError: true, ...facts }),
  });

  const send = async (params: BatchParams): Promise<BatchResult> => {
    const fault = gateway.next;
    gateway.next = 'works';
    if (fault === 'killed before the queue') return kill();
    const entry = { params, isAsked: false, ends: fault === 'refuses, then ends' };
    queue.push(entry);
    if (fault === 'killed before the channel') return kill();
    if (fault === 'refuses' || entry.ends) return failed('connect ECONNREFUSED', { sentBeforeError: false, queueCustody: 'held' });
    entry.isAsked = true;
    if (fault === 'killed while it asks') return kill();
    const answer = /^HTTP ([45]\d\d)$/.exec(fault)?.[1];
    if (answer !== undefined && answer !== '429') {
      queue = queue.filter((one) => one !== entry);
      return failed(`Call to 'sendMessage' failed! (${answer}: fault)`, { cause: { error_code: Number(answer) } });
    }
    if (fault !== 'ends before') {
      const id = show(params);
      if (fault === 'killed before the answer') return kill();
      queue = queue.filter((one) => one !== entry);
      if (fault === 'killed after the answer') return kill();
      if (fault !== 'ends after') return { status: 'sent', results: [{ messageId: id }] };
    }
    queue = queue.filter((one) => one !== entry);
    return failed("Network request for 'sendMessage' failed!", { cause: new Error('socket hang up') });
  };

  /** Files of one run: a gateway that is killed writes nothing more. */
  const filesOf = (mine: number): { readonly told: StateFile; readonly sending: StateFile } => {
    const of = (file: StateFile): StateFile => ({
      read: file.read,
      write: (value) => (run === mine ? file.write(value) : never()),
    });
    return { told: of(disk.told), sending: of(disk.sending) };
  };
  const begin = (): Promise<TestWorld<Outbound>> => {
    killed = new Promise((resolve) => {
      tellKilled = resolve;
    });
    const outbound = createOutbound({ sendBatch: send, editTelegram: async () => undefined, gateway: () => ({}), log: SILENT });
    return createWorldOf(settings, outbound, filesOf(run));
  };
  const tell = ({ params }: Entry, outcome: Pick<MessageSent, 'success' | 'messageId' | 'error'>): void =>
    world.recovery.observe(params.channel, { to: params.to, content: params.payloads[0]?.text ?? '', ...outcome });
  const flush = (): void => {
    const held = queue;
    queue = [];
    for (const entry of held) {
      if (entry.ends) tell(entry, { success: false, error: 'refusing blind replay without adapter reconciliation' });
      else tell(entry, entry.isAsked ? { success: false } : { success: true, messageId: show(entry.params) });
    }
  };

  const gateway: TestGateway = {
    onPhone,
    next: 'works',
    world: () => world,
    killed: () => killed,
    async restart() {
      world = await begin();
      flush();
    },
    flush,
  };
  let world = await begin();
  return gateway;
}
