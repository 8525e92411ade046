import type { AlertState } from '@transaction-guardian/contracts/alert-state.ts';
import { knownMatchers } from '../../match/matcher.ts';
import type { Sql } from '../../store/database.ts';
import {
  enqueueStatedAlerts,
  readHeldAlerts,
  writeStates,
  type HeldAlert,
  type WrittenState,
} from '../../store/verbs/alert/alert-states.ts';
import { readAlertsOf } from '../../store/verbs/alert/write-alerts.ts';
import { releaseAlerts } from '../../store/verbs/notification/notify-groups.ts';
import { endResponses, readResponses, type ResponseRow } from '../../store/verbs/response/responses.ts';
import { writeHits } from '../../store/verbs/silence/silence-hits.ts';
import { readOpenSilences } from '../../store/verbs/silence/silences.ts';
import type { Inhibit } from '../inhibit/inhibit.ts';
import { beginOccurrences } from '../silence/begin-occurrences.ts';
import { endOf, holdOf, alertStateOf } from './hold.ts';

export interface HoldOptions {
  readonly inhibit: Inhibit;
  readonly groupIntervalMs: number;
}

/** Works out again what holds back each alert that fires: begins the occurrences of maintenance windows that are due, ends the
 *  responses that are over, notes what silences hide, and makes an alert that nothing holds back any more news for its receivers.
 *  One that was inhibited waits `groupIntervalMs` first: cause and consequence seldom end in the same minute.
 *
 *  In the transaction of whatever changed it, after `lockStates`. Doing it again changes nothing. `now`: wall clock, epoch
 *  milliseconds. Returns the firings whose state changed. */
export async function settleHolds(tx: Sql, options: HoldOptions, now: number): Promise<readonly WrittenState[]> {
  await beginOccurrences(tx, now);
  const alerts = await readHeldAlerts(tx);
  const responses = Map.groupBy(await liveResponses(tx, alerts, now), ({ anomalyId }) => anomalyId);
  const silences = (await readOpenSilences(tx, now))
    .filter(({ endsAt }) => endsAt > now)
    .map(({ id, matchers, maxSeverity }) => ({ id, maxSeverity, matchers: knownMatchers(matchers) }));
  const states = alerts.map((alert) => ({
    alert,
    state: alertStateOf(alert, { responses: responses.get(alert.anomalyId) ?? [], silences, inhibitedBy: options.inhibit(alert, alerts) }),
  }));
  const changed = states.filter(({ alert, state }) => !isSame(alert.state, state));
  await writeStates(
    tx,
    changed.map(({ alert, state }) => ({ ...alert, state })),
  );
  await writeHits(
    tx,
    states.flatMap(({ alert: { fingerprint, startsAt, backfill }, state }) =>
      backfill ? [] : state.silenced_by.map((silenceId) => ({ silenceId, fingerprint, startsAt, hiddenAt: now })),
    ),
  );
  await release(tx, options, changed, now);
  return changed.map(({ alert: { fingerprint, startsAt }, state }) => ({ fingerprint, startsAt, state }));
}

/** Publishes alerts whose state changed on `guardian.alerts`, as updates. */
export async function publishStates(tx: Sql, changed: readonly WrittenState[]): Promise<void> {
  await enqueueStatedAlerts(tx, changed);
}

/** Ends the responses that are over and returns the others. */
async function liveResponses(tx: Sql, alerts: readonly HeldAlert[], now: number): Promise<readonly ResponseRow[]> {
  const byAnomaly = Map.groupBy(alerts, ({ anomalyId }) => anomalyId);
  const responses = await readResponses(tx);
  const quiet = responses.map(({ anomalyId }) => anomalyId).filter((id) => !byAnomaly.has(id));
  const resolved = new Set(quiet.length === 0 ? [] : (await readAlertsOf(tx, quiet)).keys());
  const judged = responses.map((response) => {
    const { anomalyId } = response;
    const own = { firing: byAnomaly.get(anomalyId) ?? [], hasResolved: resolved.has(anomalyId) };
    return { response, end: endOf(response, own, now) };
  });
  for (const how of ['resolved', 'worse', 'timeout'] as const) {
    const ids = judged.filter(({ end }) => end === how).map(({ response }) => response.id);
    await endResponses(tx, ids, { how, at: now, by: null });
  }
  return judged.filter(({ end }) => end === null).map(({ response }) => response);
}

interface Changed {
  readonly alert: HeldAlert;
  readonly state: AlertState;
}

async function release(tx: Sql, { groupIntervalMs }: HoldOptions, changed: readonly Changed[], now: number): Promise<void> {
  const free = changed.filter(({ alert, state }) => holdOf(alert.state) !== null && holdOf(state) === null);
  const [later, atOnce] = [free.filter(({ alert }) => wasInhibited(alert)), free.filter(({ alert }) => !wasInhibited(alert))];
  for (const [released, dueAt] of [
    [later, now + groupIntervalMs],
    [atOnce, now],
  ] as const) {
    const fingerprints = released.map(({ alert }) => alert.fingerprint);
    const groupKeys = [...new Set(released.map(({ alert }) => alert.groupKey))];
    await releaseAlerts(tx, { fingerprints, groupKeys, dueAt, groupIntervalMs });
  }
}

const wasInhibited = ({ state }: HeldAlert): boolean => state.inhibited_by.length > 0;

function isSame(one: AlertState, other: AlertState): boolean {
  const key = (state: AlertState): string =>
    JSON.stringify([
      state.acknowledged_by?.id,
      state.acknowledged_by?.name,
      state.acknowledged_at,
      state.acknowledged_until,
      state.snoozed_by?.id,
      state.snoozed_until,
      state.silenced_by,
      state.inhibited_by,
    ]);
  return key(one) === key(other);
}
