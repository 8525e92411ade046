import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const FILE = 'docs/configuration.md';

/** Settings of a schema, depth first: dotted path and the schema of the leaf. */
function settingsOf(schema, path = []) {
  return Object.entries(schema.properties).flatMap(([name, property]) =>
    property.type === 'object' && property.properties !== undefined
      ? settingsOf(property, [...path, name])
      : [{ path: [...path, name], property }],
  );
}

function typeOf(property) {
  if (property.enum !== undefined) return property.enum.map((value) => `\`${value}\``).join(', ');
  if (property.type === 'array') return 'list';
  const limits = [
    property.minimum === undefined ? '' : `>= ${property.minimum}`,
    property.maximum === undefined ? '' : `<= ${property.maximum}`,
  ].filter((limit) => limit !== '');
  return [property.type, ...limits].join(' ');
}

const row = (cells) => `| ${cells.join(' | ')} |`;
const variable = (path) => `GUARDIAN_${path.join('_').toUpperCase()}`;

const dottedName = ({ path }) => `\`${path.join('.')}\``;

/** Values, default and meaning of a setting. */
function cellsOf({ property }) {
  const value = property.default === undefined ? '-' : `\`${JSON.stringify(property.default)}\``;
  const secret = property.secret === undefined ? '' : ' Secret.';
  return [typeOf(property), value, `${property.description ?? ''}${secret}`];
}

const tableRow = (setting) => row([dottedName(setting), `\`${variable(setting.path)}\``, ...cellsOf(setting)]);

/** The settings of one entry of a list, which has no variables. */
const entryTable = (settings) => [
  row(['setting', 'values', 'default', 'meaning']),
  row(['---', '---', '---', '---']),
  ...settings.map((setting) => row([dottedName(setting), ...cellsOf(setting)])),
  '',
];

const SEVERITY = 'detect.severity';

/** True for a limit of severities, such as `detect.severity.merchant.critical.share`: their tables are by class. */
const isLimit = (path) => path.length > 3 && path.join('.').startsWith(`${SEVERITY}.`);

/** The limits of severities: what each means, and its defaults by class. */
function severitySection(schema) {
  const classes = Object.entries(schema.properties).filter(([, { properties }]) => properties !== undefined);
  const limits = new Map(classes.flatMap(([, { properties }]) => Object.entries(properties.critical.properties)));
  const meaning = [...limits].map(([name, property]) => row([`\`${name}\``, typeOf(property), property.description]));
  const cell = (kind, level, name) => {
    const property = kind.properties[level].properties[name];
    if (property === undefined) return '';
    return property.default === undefined ? '-' : `\`${property.default}\``;
  };
  const defaults = ['critical', 'warning'].flatMap((level) =>
    [...limits.keys()].map((name) => row([`\`${level}.${name}\``, ...classes.map(([, kind]) => cell(kind, level, name))])),
  );
  return [
    '## Limits of severities',
    '',
    `\`${SEVERITY}.<class>.<level>.<limit>\`, as a variable \`GUARDIAN_DETECT_SEVERITY_*\`: an anomaly is \`critical\` or a \`warning\` as soon as one limit of that level is reached,`,
    'and else `info`. The classes are `fleet`, `acquirer`, `auth_code`, `merchant` and `slice` (a payment method or a range of cards). Amounts are in',
    `\`${SEVERITY}.currency\`; without amounts only counts decide. A limit of \`warning\` must not exceed that of \`critical\`. The rule, and an example: [detection.md](detection.md#severity).`,
    '',
    row(['limit', 'values', 'meaning']),
    row(['---', '---', '---']),
    ...meaning,
    '',
    'Defaults (`-`: none; empty: the class does not have it):',
    '',
    row(['limit', ...classes.map(([name]) => `\`${name}\``)]),
    row(['---', ...classes.map(() => '---')]),
    ...defaults,
    '',
    'A company that wants its two large merchants watched closely, and a page for every R$ 100,000 lost:',
    '',
    '```yaml',
    '# guardian.yaml',
    'detect:',
    '  severity:',
    '    merchant:',
    '      critical: { share: 0.3, share_from: 0.01, lost_amount: 100000 }',
    '    acquirer:',
    '      critical: { lost_amount: 100000 }',
    '```',
    '',
  ];
}

/** The settings that every kind of receiver has, then those of each kind. */
function receiverSection(kinds) {
  const own = kinds.map((kind) => settingsOf(kind).filter(({ path }) => path[0] !== 'kind'));
  const isCommon = ({ path }) => own.every((settings) => settings.some((other) => other.path[0] === path[0]));
  const names = kinds.map((kind) => kind.properties.kind.enum[0]);
  return [
    ...entryTable([
      { path: ['kind'], property: { type: 'string', enum: names, default: names[0], description: 'Channel of the receiver.' } },
      ...own[0].filter(isCommon),
    ]),
    ...own.flatMap((settings, index) => [`\`kind: ${names[index]}\``, '', ...entryTable(settings.filter((setting) => !isCommon(setting)))]),
  ];
}

/** The reference of all settings as Markdown, made from the schema, so that it cannot say something else. */
export async function configurationPage(root) {
  const { ConfigSchema } = await import(pathToFileURL(join(root, 'src/config/config-schema.ts')).href);
  const { receivers: list, alertmanagers } = ConfigSchema.properties.alert.properties;
  const receivers = receiverSection(list.items.anyOf);
  return [
    '# Configuration',
    '',
    'Made from `src/config/config-schema.ts` by `node scripts/check-docs.mjs --write`; do not edit by hand.',
    '',
    'Weakest first: defaults, `guardian.yaml`, environment, flags (`--http.port 9000`). A list in a variable or a flag is JSON or YAML; a list of texts may also have commas between them.',
    'Every problem is reported at start, together, by name.',
    '`guardian config print` shows the result with secrets hidden, and where each value came from.',
    '',
    row(['setting', 'variable', 'values', 'default', 'meaning']),
    row(['---', '---', '---', '---', '---']),
    ...settingsOf(ConfigSchema)
      .filter(({ path }) => !isLimit(path))
      .map(tableRow),
    '',
    ...severitySection(ConfigSchema.properties.detect.properties.severity),
    '## A receiver',
    '',
    'One entry of `alert.receivers`. A secret may be written as `{ file: path }` or `{ env: NAME }`: it is read from there.',
    '',
    ...receivers,
    '## An Alertmanager',
    '',
    'One entry of `alert.alertmanagers`.',
    '',
    ...entryTable(settingsOf(alertmanagers.items)),
  ].join('\n');
}

/** All names of settings and of variables, for the check of other documents. */
export async function settingNames(root) {
  const { ConfigSchema } = await import(pathToFileURL(join(root, 'src/config/config-schema.ts')).href);
  const settings = settingsOf(ConfigSchema);
  return {
    file: FILE,
    variables: new Set(settings.map(({ path }) => variable(path))),
    flags: settings.map(({ path }) => `--${path.join('.')}`),
  };
}

/** Problems with variables that a document names. `GUARDIAN_*` stands for all. */
export function checkVariables(page, { variables }) {
  const texts = [...page.codes, ...page.blocks.flatMap((block) => block.lines.map((text, index) => ({ text, line: block.line + index })))];
  return texts.flatMap(({ text, line }) =>
    [...text.matchAll(/\bGUARDIAN_[A-Z][A-Z_]*[A-Z]\b(?!\*)/g)]
      .map((match) => match[0])
      .filter((name) => !variables.has(name))
      .map((name) => `${page.file}:${line}: no setting has the variable ${name}`),
  );
}
