import type { Send } from '../alert/notify/channel.ts';
import type { Clock } from '../clock.ts';
import { callAlertmanager } from './api.ts';
import type { AlertmanagerTarget } from './config.ts';
import { postableAlert } from './postable.ts';

/** Sends the alerts of a message to an Alertmanager; those that fire end after `keepAliveMs` unless they are sent again. For alerts
 *  about the program itself, which go out without its database. */
export function createAlertmanagerSend(clock: Clock, keepAliveMs: number): Send<AlertmanagerTarget> {
  return async (target, { message }, signal) => {
    const now = clock.now();
    const body = [
      ...message.firing.map((alert) => postableAlert(alert, now + keepAliveMs)),
      ...message.resolved.map((alert) => postableAlert(alert, now)),
    ];
    const answer = await callAlertmanager(target, { method: 'POST', path: '/alerts', body }, { clock, signal });
    return answer.kind === 'delivered' ? { kind: 'delivered' } : answer;
  };
}
