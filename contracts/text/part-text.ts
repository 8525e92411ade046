import { failureFact, type HealthReason } from '../health-reason.ts';
import type { DataLoss, Health } from '../stats.ts';
import { healthEn } from './health-en.ts';
import { healthPtBr } from './health-pt-br.ts';
import { createTexts, momentText, type Locale, type TextOptions, type TextParams } from './render-text.ts';

type Check = Health['checks'][string];
type PartKey = Extract<keyof typeof healthPtBr, `health.part.${string}`>;
/** The parts that have a name for readers; `receiver:<name>` and the like come beside them. */
export type PartName = PartKey extends `health.part.${infer Name}` ? Name : never;
type LossKey = Extract<keyof typeof healthPtBr, `health.loss.${string}`>;

/** The part of the catalogue about the state of the program: the console reads it when something is not well. */
const { text, reasonText } = createTexts<keyof typeof healthPtBr>({ 'pt-BR': healthPtBr, en: healthEn });

/** A part that is not well, and why, in one line. Of a delivery without proof the line about deliveries says more. */
export function partText(locale: Locale, name: string, check: Check, options: TextOptions = {}): string {
  const { status, reasons = [], detail } = check;
  if (name === 'proof' && reasons.some(({ code }) => code.startsWith('part_'))) return text(locale, 'health.proof');
  const why = reasons.length === 0 && check.losses === undefined ? detail : whyText(locale, check, options);
  return `${text(locale, 'health.check', { name, status })}${why === undefined ? '' : ` (${why})`}`;
}

/** Why a part is as it is. */
function whyText(locale: Locale, { reasons = [], losses = [] }: Check, options: TextOptions): string {
  const sentences = reasons.map(({ cause, ...fact }) =>
    [fact, ...(cause === undefined ? [] : [cause])].map((one) => reasonText(locale, one, options)).join(': '),
  );
  const events = losses.map((loss) => `${momentText(locale, Date.parse(loss.at), options, 'datetime')}: ${lossText(locale, loss)}`);
  return [...events, ...sentences].join('; ');
}

/** The reasons of a part in English for programs and for whoever repairs it: with ISO times, and of a failure what the other side said. */
export function detailOf({
  reasons = [],
  losses = [],
}: {
  readonly reasons?: readonly HealthReason[];
  readonly losses?: readonly DataLoss[];
}) {
  const said = (fact: Pick<HealthReason, 'code' | 'params'>): string =>
    'message' in fact.params && fact.code.startsWith('failure_') ? fact.params.message : reasonText('en', fact, { iso: true });
  const sentences = reasons.map(({ cause, ...fact }) => [fact, ...(cause === undefined ? [] : [cause])].map(said).join(': '));
  return [...losses.map((loss) => `${loss.at} ${lossText('en', loss)}`), ...sentences].join('; ');
}

/** What failed, of a text of a channel or the operating system. */
export const failureText = (locale: Locale, message: string): string => reasonText(locale, failureFact(message));

/** What happened to a file of the data directory. */
function lossText(locale: Locale, { part, topic = '', why, again, lost, aside }: DataLoss): string {
  const say = (key: LossKey, params?: TextParams): string => text(locale, key, params);
  const ofDatabase = say(why === 'damaged' ? 'health.loss.database.damaged' : 'health.loss.database.rebuilt');
  const parts = [part === 'database' ? ofDatabase : say(`health.loss.log.${why === 'rebuilt' ? 'replaced' : why}`, { topic })];
  if (again !== undefined && again > 0) parts.push(say('health.loss.again', { n: again }));
  if (lost === null) parts.push(say('health.loss.unknown'));
  else if (lost !== undefined && lost > 0) parts.push(say(why === 'repaired' ? 'health.loss.unreadable' : 'health.loss.lost', { n: lost }));
  else if (lost !== undefined) parts.push(say('health.loss.none'));
  if (aside !== undefined) parts.push(say('health.loss.aside', { aside }));
  return parts.join(', ');
}
