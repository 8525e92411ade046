import type { notifyPtBr } from './notify-pt-br.ts';

/** Fixed words of messages in English. */
export const notifyEn: Record<keyof typeof notifyPtBr, string> = {
  'notify.backup': 'Sent here because {receiver} has not confirmed delivery',
  'notify.canary': '🐤 Canary of {at:time}: Transaction Guardian judges transactions, and messages arrive here',
  'notify.count': '🔔 {n:0} {n:alert|alerts} firing: {parts}',
  'notify.count.critical': '{n:0} critical',
  'notify.count.info': '{n:0} info',
  'notify.count.resolved': '{n:0} resolved',
  'notify.count.same': '{kind} at {n:0} {n:merchant|merchants}',
  'notify.count.warning': '{n:0} {n:warning|warnings}',
  'notify.count_resolved': '✅ {n:0} {n:alert|alerts} resolved',
  'notify.more': 'and {n:0} more {n:alert|alerts}',
  'notify.more.kind': '{n:0} × {kind}',
  'notify.more.over': '{kind} (resolved)',
  'notify.more_kinds': 'and {n:0} more {n:alert|alerts}: {kinds}',
  'notify.nothing': 'No alerts',
  'notify.open': 'Open the console',
  'notify.resolved': '✅ RESOLVED',
  'notify.runbook': 'Runbook',
};
