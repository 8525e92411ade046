import { findPeriod } from '../period/read-period.ts';
import type { Question, QuestionTopic } from './command.ts';
import { METRIC_IDS, METRIC_NAMES, type MetricId } from './metric-names.ts';
import { PHRASES, SMALL_WORDS, TOPICAL } from './phrases.ts';
import { referenceOf } from './read-reference.ts';
import { MOST_NAME_WORDS, takeSlice, type TakenSlice } from './read-slice.ts';
import type { Word } from './words.ts';

const PLAIN: ReadonlyMap<string, keyof typeof PHRASES> = new Map(
  (Object.keys(PHRASES) as (keyof typeof PHRASES)[]).flatMap((verb) => PHRASES[verb].map((phrase) => [phrase, verb] as const)),
);
const METRICS: ReadonlyMap<string, MetricId> = new Map(METRIC_IDS.flatMap((id) => METRIC_NAMES[id].map((name) => [name, id] as const)));

/** With one letter too few, too many, wrong or swapped: the words are too short to be corrected by their likeness. */
const WHY = /^(?:(?:e )?por (?:que|qe|qu|ue|qeu|quee|q)|porque|pq|(?:and )?(?:why|wy|wh|hwy|wyh|whyy|whi))(?: (.*))?$/;
const DETAILS = /^(?:detalhes?|detalhar|details?|detail|abre|abrir|open)(?: (.*))?$/;
const FOLLOW = /^(?:e|and|what about|how about)(?: |$)/;

/** Whether the words are, as they stand, a phrase for a question: "run status" is no runbook. Pure. */
export const isPhrase = (words: readonly Word[]): boolean => PLAIN.has(words.map(({ plain }) => plain).join(' '));

/** Reads a question; null when the words are none. Everything but small words must be understood: a word that is not would
 *  change the question. Pure. */
export function readQuestion(words: readonly Word[]): Question | null {
  const plain = words.map((word) => word.plain).join(' ');
  if (plain === '?') return { verb: 'help' };
  const why = WHY.exec(plain);
  if (why !== null) return pointing('why', why[1] ?? '');
  const details = DETAILS.exec(plain);
  // "open alerts" is a list of alerts.
  if (details !== null && !isPhrase(words)) return pointing('details', details[1] ?? '');
  const number = /^(?:(?:o|a|ver|mostra|mostre|show|see|the) )*#?(\d{1,3})$/.exec(plain)?.[1];
  if (number !== undefined) return pointing('details', number);
  return readTopic(words);
}

function pointing(verb: 'why' | 'details', text: string): Question | null {
  const of = referenceOf(text.replace(/^(?:foi|is|was|esta|e) /, ''));
  return of === null ? null : { verb, of };
}

/** A name without quotes may have several words: the shortest one with which the rest is understood. */
function readTopic(words: readonly Word[]): Question | null {
  for (let count = 1; count <= MOST_NAME_WORDS; count++) {
    const named = takeSlice(words, count);
    const read = named === null ? null : readNamed(named);
    if (read !== null || named?.slice === undefined) return read;
  }
  return null;
}

function readNamed(named: TakenSlice): Question | null {
  const said = named.words.map((word) => word.plain).join(' ');
  const line = said.replace(FOLLOW, '').trim();
  const found = findPeriod(line);
  const topic: QuestionTopic = {
    ...(named.slice === undefined ? {} : { slice: named.slice }),
    ...(found === null ? {} : { period: found.period }),
  };
  const rest = found?.rest ?? line;
  const core = rest
    .split(' ')
    .filter((word) => word !== '' && !SMALL_WORDS.has(word))
    .join(' ');
  if (line !== said || core === '') return readFollow(core, topic);
  const metric = METRICS.get(
    core.replace(/^(?:metricas?|metrics?|como|how) (?=.)/, '').replace(/(?<=.) (?:normal|ok|bem|caiu|caindo|subiu|subindo)$/, ''),
  );
  if (metric !== undefined) return { verb: 'metric', metric, ...topic };
  const verb = PLAIN.get(core);
  if (verb === undefined) return null;
  if (verb === 'alerts' || verb === 'anomalies') return { verb, ...topic };
  if (verb === 'incident_figures' && topic.slice === undefined) return { verb, ...topic };
  return Object.keys(topic).length > 0 && !TOPICAL.has(verb) ? null : { verb };
}

/** "e ontem?", "e a do lojista X?", "e o volume?", or only a period or a name. */
function readFollow(core: string, topic: QuestionTopic): Question | null {
  const metric = METRICS.get(core);
  if (core !== '' && metric === undefined) return null;
  if (metric === undefined && Object.keys(topic).length === 0) return null;
  return { verb: 'follow', ...(metric === undefined ? {} : { metric }), ...topic };
}
