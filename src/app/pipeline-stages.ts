import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createSend } from '../alert/notify/receiver.ts';
import { isNotifiedEverywhere } from '../alert/self-notified.ts';
import type { AlertmanagerStage } from '../alertmanager/stage.ts';
import { createSelfWatch } from '../alert/self-watch.ts';
import { inhibitRulesOf } from '../alert/inhibit/rules.ts';
import { createAlertWorker, type AlertWorker } from '../alert/worker.ts';
import type { Bus } from '../bus/bus.ts';
import { secondsToMs, type Clock } from '../clock.ts';
import { createJudgementReader } from '../read/judgement-reader.ts';
import { createShardPool, type ShardPoolOptions } from '../detect/shard/shard-pool.ts';
import { createDetectWorker } from '../detect/stage/worker.ts';
import type { ForeignRecords } from '../ingest/foreign-records.ts';
import type { RawTransactions } from '../raw/raw-transactions.ts';
import type { Stage } from '../stage.ts';
import type { Database } from '../store/database.ts';
import type { ReplacedLog } from '../store/verbs/log/check-log.ts';
import { createOutboxRelay, type OutboxRelay } from '../outbox/relay.ts';
import { createSizeCap } from '../store/size-cap.ts';
import { readHeldSince } from '../store/verbs/process/held-since.ts';
import { createUpkeep } from '../store/upkeep.ts';
import { createWindowWorker, type WindowWorker } from '../window/worker.ts';
import type { Config } from '../config/config-schema.ts';
import { alertmanagerStage } from './alertmanager-stage.ts';
import { consoleAddress } from './console-address.ts';
import { briefingStage } from './briefings.ts';
import { canaryPages } from './canary.ts';
import { createProofStage } from './proof-stage.ts';
import { createIncidentStage } from './incident-stage.ts';
import { detectorFactory, type DetectorFactory } from './detector-factory.ts';
import { createDetectorCheck } from './detector-watch.ts';
import { drainPipeline, watchOutbox } from './drain.ts';
import { DERIVED_READERS } from './readers.ts';
import { STAGE_NAMES, type StageName } from './roles.ts';
import { createHeldReading } from './held-notice.ts';
import { isShared } from './is-shared.ts';

export interface StagesDeps {
  readonly config: Config;
  /** Those that this process runs. */
  readonly stages: readonly StageName[];
  readonly bus: Bus;
  readonly database: Database;
  readonly raw: RawTransactions;
  /** What other programs write to the log; default: nobody but us does. */
  readonly foreign?: ForeignRecords | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
  /** True once after a time in which the program did not run. */
  readonly hasPaused: () => boolean;
  /** Called when messages are published again because a stage could not read them. */
  readonly onAgain: (found: ReplacedLog) => void;
  /** The main thread has found that the pipeline stands still, and says so itself. */
  readonly standsStill: () => boolean;
  /** Called when the detector has done a part of a batch. */
  readonly gotOn: () => void;
  /** Where it is noted how the shards of the detector stand; default: nowhere that anybody looks. */
  readonly shards?: SharedArrayBuffer;
  /** Starts the thread in front of a shard, where that is to outlast this thread. */
  readonly startBridge?: ShardPoolOptions['startBridge'];
  /** Called after a commit with messages, where the relay runs in another process. */
  readonly wakeRelay?: () => void;
  /** Called after each look whether every receiver knows that detection is critically behind. */
  readonly noteBehindNotified: (isNotified: boolean) => void;
}

/** The flow behind the log: count, score, tell; the relay carries what each hands on. Those that this process runs. */
export interface PipelineStages {
  readonly window?: WindowWorker;
  readonly detect?: Stage;
  readonly alert?: AlertWorker;
  /** Keeps Alertmanagers up to date; none where the embedded notifier does. */
  readonly alertmanager?: AlertmanagerStage;
  readonly relay?: OutboxRelay;
  /** Makes briefings when they are due. */
  readonly briefing?: Stage;
  /** Keeps incidents up to date. */
  readonly incident?: Stage;
  readonly upkeep?: Stage;
  /** Passes on critical messages that nothing proves to have arrived. */
  readonly proof?: Stage;
  /** Keeps the database below its cap. */
  readonly size?: Stage;
  /** Reports a detector that is behind. */
  readonly watch?: Stage;
}

/** In the order in which they start. */
export function listStages(stages: PipelineStages): readonly Stage[] {
  return STAGE_NAMES.flatMap((name) => stages[name] ?? []);
}

/** Puts the stages together; starts nothing. Where the relay runs in another process, that one looks into the outbox after every
 *  commit. */
export function createPipelineStages(deps: StagesDeps): PipelineStages {
  const { config, bus, database, clock, metrics } = deps;
  const owner = randomUUID();
  let made: DetectorFactory | undefined;
  const factory = (): DetectorFactory => (made ??= detectorFactory(config, undefined, config.data_dir));
  const stage = (name: string) => ({ bus, database, clock, metrics, log: deps.log.child({ stage: name }) });
  const relay = deps.stages.includes('relay')
    ? createOutboxRelay(stage('outbox'), { readers: DERIVED_READERS, onAgain: deps.onAgain })
    : undefined;
  const wakeRelay = (): void => (relay === undefined ? deps.wakeRelay?.() : relay.wake());

  const window = () =>
    createWindowWorker(
      {
        ...stage('window'),
        ...{ raw: deps.raw, foreign: deps.foreign, wakeRelay, hasPaused: deps.hasPaused },
        heldSince: isShared(config) ? createHeldReading(() => readHeldSince(database, clock.now()), clock) : undefined,
      },
      {
        owner,
        lateMs: secondsToMs(config.window.late_s),
        closesEarly: config.window.early_close && config.bus.partitions === 1,
        maxGapMinutes: config.window.max_gap_minutes,
        liveWithinMs: secondsToMs(config.window.live_within_s),
      },
    );
  const detect = () => {
    const { create, createSharded } = factory();
    const { shards: count } = config.detect;
    const entry = new URL('./shard-process.ts', import.meta.url);
    const shards = count > 1 ? createShardPool(count, entry, { board: deps.shards, startBridge: deps.startBridge }) : null;
    return createDetectWorker(
      {
        ...stage('detect'),
        wakeRelay,
        gotOn: deps.gotOn,
        createDetector: shards === null ? create : (snapshot) => createSharded(snapshot, shards),
        ...(shards === null ? {} : { closeDetector: shards.close }),
      },
      {
        owner,
        detectorVersion: factory().detectorVersion,
        configHash: factory().stateHash,
        snapshotEveryMinutes: config.detect.snapshot_every_minutes,
      },
    );
  };
  let alerts: AlertWorker | undefined;
  const alert = () =>
    (alerts = createAlertWorker(
      {
        ...stage('alert'),
        wakeRelay,
        random: Math.random,
        send: createSend(clock, config.locale),
        canary: canaryPages(config),
        caughtUp: () => drainPipeline({ relay: relay ?? watchOutbox(database), bus, database }),
      },
      {
        owner,
        locale: config.locale,
        timeZone: config.time_zone,
        receivers: config.alert.receivers,
        alertsElsewhere: config.alert.notifier === 'alertmanager',
        routes: config.alert.routes,
        inhibitRules: inhibitRulesOf(config.alert),
        groupWaitMs: secondsToMs(config.alert.group_wait_s),
        groupIntervalMs: secondsToMs(config.alert.group_interval_s),
        repeatIntervalMs: secondsToMs(config.alert.repeat_interval_s),
        externalUrl: config.alert.external_url ?? consoleAddress(config),
        runbookUrl: config.alert.runbook_url,
      },
    ));
  const proof = () => createProofStage(config, stage('proof'));
  const incident = () => createIncidentStage(config, stage('incident'));
  const upkeep = () =>
    createUpkeep(stage('upkeep'), {
      rawRetentionDays: config.store.raw_retention_days,
      keepsTransactions: config.bus.engine === 'kafka',
      scoreRetentionDays: config.store.score_retention_days,
      countRetentionDays: config.store.count_retention_days,
      notificationRetentionDays: config.store.notification_retention_days,
    });
  const size = () =>
    createSizeCap(stage('store_size'), {
      maxBytes: config.store.max_bytes,
      rawRetentionDays: config.store.raw_retention_days,
    });
  const judgement = () =>
    createJudgementReader(
      { bus, database, clock },
      {
        liveWithinS: config.window.live_within_s,
        lateS: config.window.late_s,
        behindAfterMinutes: config.detect.behind_after_minutes,
      },
    );
  const briefing = () =>
    briefingStage(config, { ...stage('briefing'), judged: async () => (await judgement().judgement()).state === 'current' });
  const watch = () =>
    createSelfWatch(
      {
        ...stage('self_watch'),
        wakeRelay,
        check: createDetectorCheck(judgement().judgement, clock.now, config.detect.behind_after_minutes, deps.standsStill),
        looked: async (open) =>
          deps.noteBehindNotified(open?.severity === 'critical' && (await isNotifiedEverywhere(database, config.alert.receivers))),
      },
      {
        type: 'detector_behind',
        overCode: 'detector_caught_up',
        detectorVersion: factory().detectorVersion,
        configHash: factory().configHash,
      },
    );
  // Made after the stage of alerts, which says when the backlog has become alerts.
  const alertmanager = () => alertmanagerStage(config, { ...stage('alertmanager'), isCaughtUp: () => alerts?.isCaughtUp() ?? false });
  const makers = { window, detect, alert, alertmanager, proof, briefing, incident, upkeep, size, watch };
  const isWanted = (name: string) => name !== 'alertmanager' || config.alert.notifier === 'alertmanager';
  const stages = Object.entries(makers).filter(([name]) => deps.stages.includes(name as StageName) && isWanted(name));
  return { ...(relay === undefined ? {} : { relay }), ...Object.fromEntries(stages.map(([name, make]) => [name, make()])) };
}
