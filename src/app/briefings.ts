import { oneOfEachTarget } from '../alert/notify/targets.ts';
import type { Act } from '../auth/act.ts';
import { createBriefingService } from '../briefing/briefing-service.ts';
import { createBriefingStage, type BriefingStageDeps } from '../briefing/briefing-stage.ts';
import type { GatherOptions } from '../briefing/gather-facts.ts';
import { secondsToMs, type Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { BriefingRouteDeps } from '../http/routes/briefings.ts';
import type { RespondDeps } from '../respond/act.ts';
import type { StatsReader } from '../read/stats-reader.ts';
import type { Stage } from '../stage.ts';
import type { Database } from '../store/database.ts';
import { consoleAddress } from './console-address.ts';
import { receiverLocale } from './receiver-locale.ts';

const DAYS = 7;

const gatherOptions = ({ briefing }: Config): GatherOptions => ({
  pagesBudget: briefing.pages_budget,
  shiftsAWeek: DAYS * Math.max(1, briefing.shifts.length),
});

/** The stage that makes briefings. */
export function briefingStage(config: Config, deps: BriefingStageDeps): Stage {
  const receivers = oneOfEachTarget(config.alert.receivers.filter(({ briefings }) => briefings)).map(({ name }) => name);
  return createBriefingStage(deps, {
    shifts: config.briefing.shifts,
    timeZone: config.time_zone,
    localeOf: receiverLocale(config),
    receivers,
    externalUrl: config.alert.external_url ?? consoleAddress(config) ?? '',
    gather: gatherOptions(config),
    lateMs: secondsToMs(config.window.late_s),
  });
}

/** What the routes of briefings need. */
export function briefingDeps(
  config: Config,
  {
    language,
    stats,
    ...deps
  }: {
    readonly database: Database;
    readonly clock: Clock;
    readonly act: Act;
    readonly respond: RespondDeps;
    readonly stats: Pick<StatsReader, 'read'>;
  } & Pick<BriefingRouteDeps, 'language'>,
): BriefingRouteDeps {
  const standing = async () => {
    const { last_minute, judged } = await stats.read();
    return { lastMinute: last_minute === null ? null : Date.parse(last_minute), judged: judged === 'current' };
  };
  const briefings = createBriefingService({ ...deps, timeZone: config.time_zone, gather: gatherOptions(config), standing });
  return { briefings, timeZone: config.time_zone, clock: deps.clock, language };
}
