import type { Logger } from 'pino';
import { ANOMALY_TYPES } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { CanaryEvent, CanaryNotice } from '@transaction-guardian/contracts/canary.ts';
import type { Anomaly, AnomalyEvent } from '@transaction-guardian/contracts/anomaly.ts';
import { SELF_TYPES } from '@transaction-guardian/contracts/self-types.ts';
import { TOPICS } from '@transaction-guardian/contracts/topics.ts';
import type { Bus } from '../../bus/bus.ts';
import { sendToDeadLetters } from '../../bus/dead-letter.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../store/database.ts';
import type { PartitionClaim } from '../../store/verbs/log/claim-partition.ts';
import { commitOffset } from '../../store/verbs/log/commit-offset.ts';
import { enqueueOutbox, type OutboxMessage } from '../../store/verbs/outbox/enqueue-outbox.ts';
import { listAnomalies } from '../../store/verbs/anomaly/list-anomalies.ts';
import { writeAnomalies } from '../../store/verbs/anomaly/write-anomalies.ts';
import { writeFeedback } from '../../store/verbs/feedback/write-feedback.ts';
import { writeJudged } from '../../store/verbs/detector/write-judged.ts';
import { writeScores } from '../../store/verbs/detector/write-scores.ts';
import { JSON_HEADERS, jsonHeaders, type Trace } from '../../topic/record-headers.ts';
import type { DetectorStateStore } from './detector-state.ts';
import { judgedKeys } from '../series/node-key.ts';
import { reconcile } from './reconcile.ts';
import type { ScoringPosition, Scored } from './scorer.ts';

export interface StoreScoredDeps {
  readonly bus: Bus;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly state: DetectorStateStore;
}

/** Stores what a batch did: anomalies, scores, messages for `guardian.anomalies`, the offset of `claim` and, where `withState`,
 *  the state of the detector commit together; then `place` says so. A detector that rebuilt its state puts right what
 *  is open once it has reached the present. Windows that cannot be judged are sent to the dead-letter topic first. Returns the events
 *  that were reported. Throws STORE_FENCED, and what bus and database throw. */
export async function storeScored(
  deps: StoreScoredDeps,
  claim: PartitionClaim,
  place: ScoringPosition,
  scored: Scored,
  { withState }: { readonly withState: boolean },
): Promise<readonly AnomalyEvent[]> {
  const events = [...(await relearntEvents(deps, place, scored)), ...scored.events];
  if (scored.failed.length > 0) await deadLetter(deps, claim, scored);
  await deps.database.transaction(async (tx) => {
    await writeAnomalies(tx, events);
    await writeScores(tx, scored.scores);
    if (scored.lastMinute !== null) await writeJudged(tx, scored.lastMinute, deps.clock.now());
    // Stored when they were given: a power cut may have undone that, and not the log.
    for (const notice of scored.notices) await writeFeedback(tx, notice, judgedKeys(notice.given));
    await enqueueOutbox(tx, [...events.map((event) => toMessage(event, scored.traces.get(event))), ...scored.canaries.map(passOnCanary)]);
    await commitOffset(tx, claim, place.nextOffset);
    if (withState) await deps.state.save(tx, place);
  });
  place.emitted = place.nextOffset;
  if (withState) Object.assign(place, { savedAt: place.nextOffset, unsaved: 0 });
  if (scored.arrival !== null) place.relearnt = null;
  return events;
}

async function relearntEvents(
  { database, log }: StoreScoredDeps,
  { relearnt }: ScoringPosition,
  { arrival }: Scored,
): Promise<AnomalyEvent[]> {
  if (relearnt === null || arrival === null) return [];
  const events = reconcile(await openAnomalies(database), relearnt, arrival);
  log.info({ events: events.length }, 'detector warm-up replay finished');
  return events;
}

async function deadLetter({ bus, clock, log }: StoreScoredDeps, claim: PartitionClaim, { failed }: Scored): Promise<void> {
  const { topic, partition, group } = claim;
  await sendToDeadLetters(bus, { topic, partition, group, failedAt: clock.now(), records: failed });
  log.error({ count: failed.length, reason: failed[0]?.reason }, 'windows sent to the dead-letter topic');
}

function toMessage(event: AnomalyEvent, trace: Trace | undefined): OutboxMessage {
  return { topic: TOPICS.anomalies, key: event.anomaly.id, value: JSON.stringify(event), headers: jsonHeaders(trace) };
}

function passOnCanary({ sent_at }: CanaryNotice): OutboxMessage {
  const event: CanaryEvent = { v: 1, event: 'canary', sent_at };
  return { topic: TOPICS.anomalies, key: '', value: JSON.stringify(event), headers: JSON_HEADERS };
}

/** What the program says of itself is not the detector's to end. */
const DETECTED_TYPES = ANOMALY_TYPES.filter((type) => !SELF_TYPES.includes(type));

async function openAnomalies(database: Database): Promise<Anomaly[]> {
  const open: Anomaly[] = [];
  let cursor: string | undefined;
  do {
    const page = await listAnomalies(
      database,
      { state: 'open', type: DETECTED_TYPES },
      { limit: 1000, ...(cursor === undefined ? {} : { cursor }) },
    );
    open.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return open;
}
