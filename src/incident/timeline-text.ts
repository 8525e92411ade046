import { isTextKey, text, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import { shownName } from '@transaction-guardian/contracts/shown-name.ts';
import type { EntryRow } from '../store/verbs/incident/incident-entry.ts';

/** A line of the timeline in the reader's language, without its time. */
export function entryText({ kind, data, actor }: Pick<EntryRow, 'kind' | 'data' | 'actor'>, locale: Locale, timeZone: string): string {
  const who = actor === null ? text(locale, 'incident.program') : shownName(actor);
  const fact = (name: string): string => (typeof data[name] === 'string' ? data[name] : '');
  const say = (key: Parameters<typeof text>[1], params: Record<string, string | number> = {}): string =>
    text(locale, key, { who, ...params }, { timeZone });
  switch (kind) {
    case 'opened':
      return actor === null
        ? say('incident.entry.opened_by_itself', { priority: fact('priority'), title: fact('title') })
        : say('incident.entry.opened', { priority: fact('priority'), title: fact('title') });
    case 'alert_joined':
    case 'alert_resolved':
      return say(`incident.entry.${kind}`, { summary: summaryOf(data, locale) });
    case 'message_delivered':
      return say('incident.entry.message_delivered', {
        receiver: fact('receiver'),
        status: text(locale, `incident.status.${fact('status') === 'resolved' ? 'resolved' : 'firing'}`),
      });
    case 'act':
      return say('incident.entry.act', { verb: wordOf('verb', fact('verb'), locale), result: wordOf('result', fact('result'), locale) });
    case 'runbook_run': {
      const key = `cli.runbook.state.${fact('state')}`;
      const state = isTextKey(key) ? text(locale, key) : fact('state');
      return say(fact('state') === 'done' ? 'incident.entry.runbook_done' : 'incident.entry.runbook_ended', {
        runbook: fact('runbook'),
        state,
      });
    }
    case 'note':
      return say('incident.entry.note', { text: fact('text') });
    case 'state_changed':
      return say('incident.entry.state_changed', { from: stateText(fact('from'), locale), to: stateText(fact('to'), locale) });
    case 'priority_changed':
    case 'title_changed':
      return say(`incident.entry.${kind}`, { from: fact('from'), to: fact('to') });
    case 'owner_changed':
      return data['to'] === null
        ? say('incident.entry.owner_left', { from: fact('from') })
        : say('incident.entry.owner_changed', { to: fact('to') });
    case 'snapshot':
      return say('incident.entry.snapshot', { node: nodeText(fact('node'), locale) });
    case 'resolved_by_itself':
      return say('incident.entry.resolved_by_itself');
  }
}

/** An act, or how it ended, in words; itself where the catalogue does not know it. */
function wordOf(kind: 'verb' | 'result', value: string, locale: Locale): string {
  const key = `audit.${kind}.${value}`;
  return isTextKey(key) ? text(locale, key) : value;
}

/** The series of a chart in words: the key of its node, e.g. `status:denied`, `merchant_status:m-1:denied`. */
function nodeText(key: string, locale: Locale): string {
  const [kind = '', ...ids] = key.split(':');
  const last = ids.at(-1) ?? '';
  const statusKey = `transaction.status.${last}`;
  const status = isTextKey(statusKey) ? text(locale, statusKey) : last;
  switch (kind) {
    case 'status':
      return status;
    case 'merchant_status':
      return `${text(locale, 'anomaly.slice.merchant_id', { value: ids.slice(0, -1).join(':') })} · ${status}`;
    case 'merchant':
      return text(locale, 'anomaly.slice.merchant_id', { value: ids.join(':') });
    case 'acquirer':
    case 'auth_code':
      return text(locale, `anomaly.slice.${kind}`, { value: ids.join(':') });
    default:
      return text(locale, 'anomaly.slice.fleet');
  }
}

/** A state in words. */
export function stateText(state: string, locale: Locale): string {
  switch (state) {
    case 'detected':
    case 'triaged':
    case 'responding':
    case 'resolved':
    case 'postmortem':
      return text(locale, `incident.state.${state}`);
    default:
      return state;
  }
}

function summaryOf(data: EntryRow['data'], locale: Locale): string {
  const summaries = data['summaries'] as Readonly<Record<string, string>> | undefined;
  const own = data['summary'];
  return summaries?.[locale] ?? (typeof own === 'string' ? own : '');
}
