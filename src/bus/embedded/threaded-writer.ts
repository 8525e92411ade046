import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { GuardianError } from '../../errors.ts';
import type { WriterCommand, WriterReply } from './thread-protocol.ts';
import type { MaintenanceReport, Writer, WriterSettings } from './writer.ts';

interface Call {
  readonly resolve: (reply: WriterReply) => void;
  readonly reject: (error: GuardianError) => void;
}

/** A writer in a thread of its own, so that no fsync ever blocks the caller. A thread that dies fails what it had in
 *  hand with BUS_UNAVAILABLE, and the next call starts another. */
export function createThreadedWriter(settings: WriterSettings, log: Logger): Writer {
  let worker: Worker | undefined;
  let lastId = 0;
  const calls = new Map<number, Call>();

  function start(): Worker {
    const started = new Worker(new URL('./writer-worker.ts', import.meta.url), { workerData: settings, name: 'bus-writer' });
    started.on('message', (reply: WriterReply) => {
      const call = calls.get(reply.id);
      calls.delete(reply.id);
      if (calls.size === 0) started.unref();
      call?.resolve(reply);
    });
    started.on('error', (error) => log.error({ err: error }, 'bus writer thread failed'));
    started.on('exit', () => {
      if (worker === started) worker = undefined;
      failCalls();
    });
    worker = started;
    return started;
  }

  function failCalls(): void {
    for (const call of calls.values()) {
      call.reject(
        new GuardianError('BUS_UNAVAILABLE', 'The writer thread of the bus stopped before it answered. Try again.', { retryable: true }),
      );
    }
    calls.clear();
  }

  function send(command: (id: number) => WriterCommand, transfer: readonly ArrayBuffer[]): Promise<WriterReply> {
    const id = ++lastId;
    const thread = worker ?? start();
    return new Promise((resolve, reject) => {
      calls.set(id, { resolve, reject });
      // Only unanswered calls keep the process alive.
      if (calls.size === 1) thread.ref();
      thread.postMessage(command(id), [...transfer]);
    });
  }

  // Started at once, so that the first publish does not wait for it.
  start().unref();
  return {
    async append(request) {
      const reply = await send(
        (id) => ({ kind: 'append', id, request }),
        request.blocks.map((block) => block.bytes.buffer),
      );
      if (reply.kind === 'appended') return reply.offsets;
      throw failure(reply);
    },
    async maintain(nowMs, floor): Promise<MaintenanceReport> {
      const reply = await send((id) => ({ kind: 'maintain', id, nowMs, floor }), []);
      if (reply.kind === 'maintained') return reply.report;
      throw failure(reply);
    },
    async close() {
      const thread = worker;
      if (thread === undefined) return;
      thread.ref();
      const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
      thread.postMessage({ kind: 'close' } satisfies WriterCommand);
      await ended;
    },
  };
}

function failure(reply: WriterReply): GuardianError {
  const { message, retryable } =
    reply.kind === 'failed' ? reply.error : { message: `The writer thread answered ${reply.kind}.`, retryable: true };
  return new GuardianError('BUS_UNAVAILABLE', message, { retryable });
}
