import type { NotifiedAlert } from '@transaction-guardian/contracts/message.ts';
import { wireLabels } from '../alert/wire-labels.ts';
import type { PostableAlert } from './api.ts';

/** An alert in the form of Alertmanager. `endsAt`: epoch milliseconds; in the future for one that fires, so that it ends by itself
 *  should nobody keep it alive. Pure. */
export function postableAlert(
  { labels, annotations, starts_at: startsAt }: Pick<NotifiedAlert, 'labels' | 'annotations' | 'starts_at'>,
  endsAt: number,
): PostableAlert {
  const url = annotations['url'];
  return {
    labels: wireLabels(labels),
    annotations,
    // A clock that runs behind must not make an alert end before it starts.
    startsAt: new Date(Math.min(Date.parse(startsAt), endsAt)).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    ...(url === undefined ? {} : { generatorURL: url }),
  };
}
