import { targetOf } from '../alert/notify/webhook/target.ts';
import { secondsToMs } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { createIncidentKeeper, type KeeperDeps } from '../incident/keeper.ts';
import { createMirror } from '../incident/mirror.ts';
import { createPostMirror } from '../incident/post-mirror.ts';
import type { Stage } from '../stage.ts';

/** The stage that keeps incidents up to date, with the mirror to the tracker where one is configured. */
export function createIncidentStage({ incident, locale }: Config, deps: Omit<KeeperDeps, 'mirror'>): Stage {
  const { tracker_url: url, tracker_token: token } = incident;
  const mirror =
    url === undefined ? {} : { mirror: createMirror({ ...deps, post: createPostMirror(targetOf({ url, token })) }, { locale }) };
  return createIncidentKeeper(
    { ...deps, ...mirror },
    { openAfterMs: secondsToMs(incident.open_after_s), quietMs: secondsToMs(incident.quiet_s) },
  );
}
