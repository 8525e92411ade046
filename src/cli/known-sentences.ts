import type { Cli, CliKey } from './cli.ts';

/** An English sentence of the inner parts, and the text that says the same in the person's language. Named groups are the
 *  parameters. */
type Sentence = readonly [pattern: RegExp, key: CliKey];

const CONFIG: readonly Sentence[] = [
  [/^must be a number$/, 'config.rule.number'],
  [/^must be an integer$/, 'config.rule.integer'],
  [/^must be true or false$/, 'config.rule.boolean'],
  [/^must be a boolean$/, 'config.rule.boolean'],
  [/^must be a string$/, 'config.rule.string'],
  [/^must be (a list|an array)( in JSON or YAML)?$/, 'config.rule.list'],
  [/^must be an object( in JSON or YAML)?$/, 'config.rule.object'],
  [/^must be one of (?<choices>.*)$/, 'config.rule.choice'],
  [/^must be (?<sign>[<>]=?) (?<limit>\S+)$/, 'config.rule.limit'],
  [/^must match (?<pattern>.*)$/, 'config.rule.pattern'],
  [/^must not be empty$/, 'config.rule.empty'],
  [/^must be an IANA time zone such as (?<example>[^\s,]+)$/, 'config.rule.time_zone'],
  [/^has two receivers named (?<name>.*)$/, 'config.rule.twice'],
  [/^must be a URL such as (?<example>\S+)$/, 'config.rule.url'],
  [/^uses port (?<port>\d+), which HTTP clients refuse to connect to$/, 'config.rule.port'],
  [/^has both a token and credentials in its url; give one of them$/, 'config.rule.credentials'],
  [/^cannot be read: (?<message>.*)$/, 'config.rule.file'],
  [/^is not valid YAML: (?<message>.*)$/, 'config.rule.yaml'],
  [/^must be a section with settings$/, 'config.rule.section'],
  [/^is not a setting; did you mean (?<name>.*)\?$/, 'config.rule.unknown_near'],
  [/^is not a setting$/, 'config.rule.unknown'],
  [/^does not know (?<names>.*)$/, 'config.rule.extra'],
  [/^needs (?<names>.*)$/, 'config.rule.missing'],
];

const CSV: readonly Sentence[] = [
  [/^"(?<name>.*)" has two columns$/, 'csv.twice'],
  [/^no column (?<wanted>"\w+") or (?<other>"\w+") among (?<columns>.*)$/, 'csv.missing'],
  [/^layout (?<name>\w+) needs the columns (?<wanted>\S+), not (?<columns>.*)$/, 'csv.layout'],
  [/^column "(?<name>.*)" is not a field \((?<fields>.*)\); give a mapping.*$/, 'csv.column'],
  [/^the mapping names "(?<name>.*)", which is not a field \((?<fields>.*)\)$/, 'csv.mapping_field'],
  [/^the mapping wants column "(?<name>.*)", the file has (?<columns>.*)$/, 'csv.mapping_column'],
  [/^there is no header line$/, 'csv.no_header'],
  [/^the header line is not UTF-8 text$/, 'csv.encoding'],
  [/^it is no CSV text: (?<message>.*)$/, 'csv.no_csv'],
  [/^the quotes of the header line are wrong$/, 'csv.quotes'],
  [/^line (?<line>\d+) has the time of day only \("(?<time>.*)"\); give the date.*$/, 'csv.date'],
];

function say(cli: Pick<Cli, 'say'>, sentences: readonly Sentence[], sentence: string): string | undefined {
  for (const [pattern, key] of sentences) {
    const found = pattern.exec(sentence);
    if (found !== null) return cli.say(key, { ...found.groups });
  }
  return undefined;
}

/** What is wrong with a setting, in the person's language; a sentence that is not known stays in English. */
export function configSentence(cli: Pick<Cli, 'say'>, message: string): string {
  const [, where = '', rest = ''] = /^(\[\S*: )?(.*)$/s.exec(message) ?? [];
  const [, rule = '', value] = /^(.*?)(?:, not (.*))?$/s.exec(rest) ?? [];
  const said = say(cli, CONFIG, rule);
  if (said === undefined) return message;
  return where + said + (value === undefined ? '' : cli.say('config.not', { value }));
}

/** Why the header of a CSV cannot be used, in the person's language; a sentence that is not known stays in English. */
export function csvSentence(cli: Pick<Cli, 'say'>, reason: string): string {
  const said = say(cli, CSV, reason.replace(/\.$/, ''));
  return said === undefined ? reason : `${said}.`;
}
