import { listAlerts } from '../../store/verbs/alert/list-alerts.ts';
import { readAnomaly } from '../../store/verbs/anomaly/list-anomalies.ts';
import type { Reference } from '../grammar/command.ts';
import type { ShownElsewhere, ShownItem } from '../talk.ts';
import type { Turn } from '../turn.ts';
import { nameText } from './name-text.ts';

/** What a line points at. `number`: its place in the list that was shown last, null for what was named by its id. */
export interface Pointed extends ShownItem {
  readonly number: number | null;
}

/** An alert of others that a line points at. */
export interface PointedElsewhere extends ShownElsewhere {
  readonly number: number | null;
}

/** Names it: "Zero transações #1". */
export const pointedName = ({ say }: Turn, { type, number }: Pointed): string =>
  `${say(`anomaly.type.${type}`)}${number === null ? '' : ` #${number}`}`;

/** Whether it has ended: no alert of it fires, and its anomaly is not open. */
export async function isOver({ data: { database } }: Turn, { anomalyId }: Pointed): Promise<boolean> {
  const { items } = await listAlerts(database, { anomalyId, status: 'firing' }, { limit: 1 });
  return items.length === 0 && (await readAnomaly(database, anomalyId))?.status !== 'open';
}

/** What was pointed at, or what to say when that is nothing. */
export type FoundItems = { readonly items: readonly Pointed[] } | { readonly text: string };

/** Finds what a reference means for this person in this conversation: never what somebody else was shown. "All" stands for every
 *  entry of the list that is of ours. Without a list, the one alert that fires is meant where there is just one. */
export async function findPointed(turn: Turn, of: Reference): Promise<FoundItems> {
  const found = await findAnywhere(turn, of);
  if ('text' in found) return found;
  const [other] = found.elsewhere;
  if (other === undefined || (of.kind === 'all' && found.items.length > 0)) return { items: found.items };
  return { text: turn.say('chat.elsewhere.only', { what: elsewhereName(other) }) };
}

/** Names an alert of others: "HostDown #3". */
export const elsewhereName = ({ elsewhere, number }: PointedElsewhere): string =>
  `${nameText(elsewhere)}${number === null ? '' : ` #${number}`}`;

/** As `findPointed`, with alerts that only Alertmanager has, for what can be done about those too. */
export type FoundAnywhere =
  | { readonly items: readonly Pointed[]; readonly elsewhere: readonly PointedElsewhere[] }
  | { readonly text: string };

export async function findAnywhere(turn: Turn, of: Reference): Promise<FoundAnywhere> {
  const found = await find(turn, of);
  if ('text' in found) return found;
  return {
    items: found.items.filter((item): item is Pointed => !isElsewhere(item)),
    elsewhere: found.items.filter(isElsewhere),
  };
}

type AnyPointed = Pointed | PointedElsewhere;
const isElsewhere = (item: AnyPointed): item is PointedElsewhere => 'elsewhere' in item;

async function find(turn: Turn, of: Reference): Promise<{ readonly items: readonly AnyPointed[] } | { readonly text: string }> {
  const { talk, say } = turn;
  const at = (number: number): AnyPointed[] => {
    const item = talk.list[number - 1];
    return item === undefined ? [] : [{ ...item, number }];
  };
  if (of.kind === 'id') return byId(turn, of.id);
  if (of.kind === 'numbers') {
    if (talk.list.length === 0) return { text: say('chat.no_list') };
    const wrong = of.numbers.find((number) => number > talk.list.length);
    return wrong === undefined
      ? { items: of.numbers.flatMap(at) }
      : { text: say('chat.no_such_number', { number: wrong, n: talk.list.length }) };
  }
  if (of.kind === 'all')
    return talk.list.length === 0 ? { text: say('chat.no_list') } : { items: talk.list.flatMap((_item, index) => at(index + 1)) };
  if (talk.focus !== null && talk.focus <= talk.list.length) return { items: at(talk.focus) };
  if (talk.list.length === 1) return { items: at(1) };
  return talk.list.length > 1 ? { text: say('chat.which', { n: talk.list.length }) } : onlyAlert(turn);
}

async function byId(turn: Turn, id: string): Promise<{ readonly items: readonly AnyPointed[] } | { readonly text: string }> {
  const { data, say } = turn;
  const [anomaly, alerts] = await Promise.all([
    readAnomaly(data.database, id),
    listAlerts(data.database, id.startsWith('an_') ? { anomalyId: id } : { fingerprint: id }, { limit: 1 }),
  ]);
  const [alert] = alerts.items;
  if (alert !== undefined)
    return { items: [{ anomalyId: alert.anomaly_id, fingerprint: alert.fingerprint, type: alert.type, number: null }] };
  if (anomaly !== null) return { items: [{ anomalyId: anomaly.id, fingerprint: null, type: anomaly.type, number: null }] };
  return FINGERPRINT.test(id) ? byForeignId(turn, id) : { text: say('chat.no_such_id', { id }) };
}

const FINGERPRINT = /^[0-9a-f]{16}$/;

/** An alert that is not of ours, or is not any more: Alertmanager knows. */
async function byForeignId(
  { data, say }: Turn,
  fingerprint: string,
): Promise<{ readonly items: readonly PointedElsewhere[] } | { readonly text: string }> {
  if (data.heldElsewhere === undefined) return { text: say('chat.elsewhere.not_configured') };
  const { alerts, absent } = await data.heldElsewhere();
  if (alerts === null) return { text: say('chat.elsewhere.away', { names: absent.map(nameText).join(', ') }) };
  const alert = alerts.find((one) => one.fingerprint === fingerprint);
  return alert === undefined ? { text: say('chat.elsewhere.unknown') } : { items: [{ fingerprint, elsewhere: alert.name, number: null }] };
}

async function onlyAlert({ data, say }: Turn): Promise<FoundItems> {
  const { items } = await listAlerts(data.database, { status: 'firing' }, { limit: 2 });
  const [alert] = items;
  if (alert === undefined || items.length > 1) return { text: say('chat.no_list') };
  return { items: [{ anomalyId: alert.anomaly_id, fingerprint: alert.fingerprint, type: alert.type, number: null }] };
}
