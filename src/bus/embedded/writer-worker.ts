import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { isGuardianError, messageOf } from '../../errors.ts';
import type { SentError, WriterCommand, WriterReply } from './thread-protocol.ts';
import { createTopicFiles } from './topic-files.ts';
import { openWakeChannel } from './wake-ups.ts';
import type { AppendRequest, RetentionFloor, WriterSettings } from './writer.ts';

/** Entry of the writer thread: all appends that wait are committed together, with one fsync. */
function run(port: NonNullable<typeof parentPort>, settings: WriterSettings): void {
  const files = createTopicFiles(settings);
  const channel = openWakeChannel(settings.dir);
  let waiting: { id: number; request: AppendRequest }[] = [];

  function commit(): void {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    const outcomes = files.append(group.map(({ request }) => request));
    for (const topic of new Set(group.map(({ request }) => request.topic))) channel.postMessage(topic);
    group.forEach(({ id }, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined && 'offsets' in outcome) answer({ kind: 'appended', id, offsets: outcome.offsets });
      else answer({ kind: 'failed', id, error: toSent(outcome?.error) });
    });
  }

  function answer(reply: WriterReply): void {
    port.postMessage(reply);
  }

  function maintain(id: number, nowMs: number, floor: RetentionFloor): void {
    try {
      answer({ kind: 'maintained', id, report: files.maintain(nowMs, floor) });
    } catch (error) {
      answer({ kind: 'failed', id, error: toSent(error) });
    }
  }

  port.on('message', (command: WriterCommand) => {
    switch (command.kind) {
      case 'append':
        // Everything that arrived during the last commit is delivered before the immediate runs.
        if (waiting.length === 0) setImmediate(commit);
        waiting.push(command);
        return;
      case 'maintain':
        maintain(command.id, command.nowMs, command.floor);
        return;
      case 'close':
        commit();
        files.close();
        channel.close();
        port.close();
        return;
      default:
        command satisfies never;
    }
  });
}

function toSent(error: unknown): SentError {
  return { message: messageOf(error), retryable: !isGuardianError(error) || error.retryable };
}

if (parentPort !== null) {
  run(parentPort, workerData as WriterSettings);
  // Node writes the compiled code of a thread when that ends in good order, which kill -9 is not.
  setImmediate(flushCompileCache);
}
