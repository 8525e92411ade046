/** Files that may stand directly in `src`: the ground, which every folder may import. Anything else belongs in a folder. */
export const GROUND = ['breaker.ts', 'clock.ts', 'errors.ts', 'main.ts', 'retry.ts', 'stage.ts', 'wake-signal.ts', 'within.ts'];

const PORTS = [
  'bus/bus.ts',
  'bus/consume.ts',
  'bus/dead-letter.ts',
  'raw/raw-transactions.ts',
  'store/database.ts',
  'store/retry-conflicts.ts',
  'store/verbs/**',
  'telemetry/**',
  'topic/**',
];
/** What uses the detector without its stage. */
const ENGINE = ['detect/engine/**', 'detect/forest/**', 'detect/series/**'];

/** Which folders of ours each folder may import, and which of their files. A folder may always import itself, the ground and
 *  `contracts`. `test/arrows.test.ts` proves that the rest is refused. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  topic: [],
  pan: [],
  check: ['pan/**'],
  csv: ['check/**', 'pan/**'],
  match: [],
  // A card number that reaches a log line is masked there too.
  telemetry: ['pan/**'],
  // The schema of the configuration is made of the sections that folders own.
  config: [
    'auth/identity.ts',
    'check/**',
    'match/**',
    'alert/notify/receiver-schema.ts',
    'alert/notify/webhook/target.ts',
    'alert/inhibit/config.ts',
    'alert/route/config.ts',
    'alertmanager/config.ts',
    'detect/anomaly/severity-limits.ts',
  ],
  // How the server and an OpenClaw gateway are connected.
  clawdbot: [],
  // A Redis server, for the engines that use it.
  redis: [],
  // Messages over ports and sockets.
  wire: [],
  bus: ['sqlite/**', 'telemetry/**', 'topic/record-headers.ts', 'wire/**'],
  store: ['bus/bus.ts', 'telemetry/**', 'topic/**', 'wire/**'],
  // Single transactions: rows of the database, or an index over the log.
  // What the engines on SQLite share.
  sqlite: [],
  raw: ['sqlite/**', 'bus/bus.ts', 'bus/read-all.ts', 'store/database.ts', 'store/verbs/**', 'telemetry/**', 'topic/**', 'wire/**'],
  // The outbox relay carries what the database has committed to the bus.
  outbox: PORTS,
  ingest: [...PORTS, 'check/**', 'pan/**', 'redis/**'],
  window: PORTS,
  detect: [...PORTS, 'check/zone-offset.ts'],
  // The schema of the configuration is data: the type of a receiver comes from it.
  alert: [...PORTS, 'check/local-day.ts', 'check/time-zone.ts', 'config/config-schema.ts', 'match/**'],
  // Alertmanagers: what they are sent, and what they hold.
  alertmanager: [...PORTS, 'alert/**', 'auth/**', 'match/**', 'respond/**'],
  // Who may act, and the one way to do it.
  auth: [...PORTS, 'pan/**', 'redis/**'],
  respond: [...PORTS, 'auth/**', 'alert/cause.ts', 'alert/hold/**', 'alert/silence/**', 'check/**', 'match/**'],
  // Who is on call: layers by local time, and what people change of it.
  oncall: [...PORTS, 'alert/group.ts', 'alert/message.ts', 'alert/notify/hears-end.ts', 'auth/**', 'check/**'],
  // What proves that messages arrived, and what happens without proof.
  proof: [...PORTS, 'alert/group.ts', 'alert/hold/**', 'alert/message.ts', 'alert/notify/request.ts'],
  verdict: [...PORTS, 'auth/**', 'detect/feedback/**', 'detect/series/**'],
  // Runbooks and their runs; what actions do to the rest of the program comes as functions.
  runbook: [...PORTS, 'auth/**', 'check/**', 'pan/**'],
  incident: [...PORTS, 'auth/**', 'detect/series/**'],
  briefing: [...PORTS, 'auth/**', 'check/**', 'alert/cause.ts', 'alert/group.ts', 'alert/wire-labels.ts', 'incident/**', 'respond/**'],
  analyze: [...PORTS, ...ENGINE],
  backtest: [...ENGINE, 'detect/univariate/**', 'check/**', 'csv/**'],
  train: ENGINE,
  simulate: ['check/zone-offset.ts', 'csv/write-cells.ts'],
  read: [...PORTS, 'redis/**'],
  uptime: PORTS,
  chat: [
    ...PORTS,
    'alertmanager/held.ts',
    'alert/cause.ts',
    'alert/wording.ts',
    'auth/**',
    'briefing/**',
    'check/**',
    'detect/forecast/forecast.ts',
    'oncall/**',
    'pan/**',
    'read/**',
    'incident/**',
    'match/**',
    'respond/**',
    'runbook/**',
    'uptime/**',
    'verdict/**',
  ],
  http: [
    ...PORTS,
    'auth/**',
    'oncall/**',
    'check/**',
    'csv/**',
    'pan/**',
    'ingest/**',
    'window/**',
    'detect/**',
    'alert/**',
    'verdict/**',
    'respond/**',
    'match/**',
    'runbook/**',
    'incident/**',
    'briefing/**',
    'analyze/**',
    'read/**',
    'chat/**',
    'proof/**',
  ],
  cli: [
    ...PORTS,
    'alertmanager/api.ts',
    'alertmanager/config.ts',
    'auth/**',
    'check/**',
    'csv/**',
    'clawdbot/**',
    'config/**',
    'ingest/**',
    'analyze/**',
    'backtest/**',
    'train/**',
    'detect/**',
    'alert/**',
    'match/**',
    'runbook/**',
    'http/**',
    'simulate/**',
    'app/**',
  ],
  app: ['**'],
};

/** The rooms of the detector, from the ground up: each may import those before it. */
export const DETECT_ROOMS = [
  'series',
  'univariate',
  'expect',
  'slices',
  'forest',
  'evidence',
  'anomaly',
  'warning',
  'feedback',
  'forecast',
  'engine',
  'shard',
  'stage',
];

/** The rooms of the chat that only read text, from the ground up: they know nothing of stored data. */
export const CHAT_TEXT_ROOMS = ['period', 'grammar'];

/** The rooms of the console, from the ground up. */
export const WEB_ROOMS = ['ui', 'live', 'chart', 'page'];

/** Tests, and what only they use. */
const TESTS = ['**/*.test.ts', '**/*.conformance.ts', '**/test-*.ts', '**/*-under-test.ts', '**/crash-*.ts'];
/** The one file that imports engines; tests and benches do too. */
const ENGINE_CHOICE = 'src/app/engines.ts';

/** Engines sit below their port. */
const ENGINES = [
  '**/bus/embedded/**',
  '**/bus/embedded.ts',
  '**/store/pglite/**',
  '**/store/pglite.ts',
  '**/raw/log-index/**',
  '**/*-redis.ts',
];
const ENGINE_PACKAGES = ['@electric-sql/**', '@redis/**', 'node:sqlite'];
const SERVER_PACKAGES = ['fastify', '@fastify/**'];

interface Pattern {
  readonly group: string[];
  readonly message: string;
}

const error = 'error' as const;
const off = 'off' as const;
const refuse = (message: string, group: readonly string[]): Pattern => ({ group: [...group], message });
const restrictImports = (patterns: readonly Pattern[]) => ({ 'no-restricted-imports': [error, { patterns: [...patterns] }] as const });

const NO_ENGINE = refuse(`Only ${ENGINE_CHOICE} imports engines; take the port as an argument.`, ENGINES);
const PROCESS = refuse('The environment, exits and signals belong to src/app and src/cli.', ['process', 'node:process']);
const WEB_SERVER = refuse('The console knows contracts and HTTP, nothing of the server.', [
  '../**/src/**',
  '!../src/**',
  'node:**',
  'fastify',
]);
const PLUGIN = refuse('The plugin runs in the gateway: it knows contracts and HTTP, nothing of the server.', [
  '../**/src/**',
  '../../src/**',
  'fastify',
]);
const WEB = refuse('The console is another program: src speaks HTTP with it.', ['**/web/**']);

/** What `folder` must not import: every other folder of src, less what its arrows allow. */
function otherFolders(folder: string, allowed = ARROWS[folder] ?? []): Pattern {
  const others = Object.keys(ARROWS).filter((other) => other !== folder);
  const message = `src/${folder} may import contracts, src/*.ts and: ${allowed.join(', ') || 'nothing else'}.`;
  return refuse(message, [...others.map((other) => `../**/${other}/**`), ...allowed.map((path) => `!../**/${path}`)]);
}

function arrowsOf(folder: string, allowed?: readonly string[]): Pattern[] {
  const mayServe = folder === 'http' || folder === 'app';
  return [
    // A pattern that refuses nothing would allow what the next ones refuse.
    ...(folder === 'app' ? [] : [otherFolders(folder, allowed)]),
    WEB,
    NO_ENGINE,
    ...(['bus', 'store', 'raw', 'redis', 'sqlite'].includes(folder)
      ? []
      : [refuse('Only an engine imports its database.', ENGINE_PACKAGES)]),
    ...(mayServe ? [] : [refuse('Only src/http knows the web framework.', SERVER_PACKAGES)]),
    ...(folder === 'app' || folder === 'cli' ? [] : [PROCESS]),
  ];
}

const folderArrows = Object.keys(ARROWS).map((folder) => ({
  files: [`src/${folder}/**/*.ts`],
  excludeFiles: folder === 'app' ? [...TESTS, ENGINE_CHOICE] : TESTS,
  rules: restrictImports(
    ['bus', 'store', 'raw'].includes(folder) ? arrowsOf(folder).filter((pattern) => pattern !== NO_ENGINE) : arrowsOf(folder),
  ),
}));

/** The choice of engines has the other arrows of its folder. */
const engineChoice = {
  files: [ENGINE_CHOICE],
  rules: restrictImports(arrowsOf('app').filter((pattern) => pattern !== NO_ENGINE)),
};

/** Rooms above `room` are not imported from it. */
function roomAbove(rooms: readonly string[], room: string): Pattern {
  const above = rooms.slice(rooms.indexOf(room) + 1);
  return refuse(
    `${room} stands below ${above.join(', ')}.`,
    above.map((other) => `../**/${other}/**`),
  );
}

const detectArrows = DETECT_ROOMS.slice(0, -1).map((room) => ({
  files: [`src/detect/${room}/**/*.ts`],
  excludeFiles: TESTS,
  rules: restrictImports([...arrowsOf('detect'), roomAbove(DETECT_ROOMS, room)]),
}));

const chatArrows = CHAT_TEXT_ROOMS.map((room) => ({
  files: [`src/chat/${room}/**/*.ts`],
  excludeFiles: TESTS,
  rules: restrictImports([
    ...arrowsOf('chat', ['check/**']),
    refuse('What reads a line is pure.', ['node:**']),
    refuse(`${room} stands below the rest of the chat.`, ['../*.ts', ...(room === 'period' ? ['../grammar/**'] : [])]),
  ]),
}));

const webArrows = WEB_ROOMS.slice(0, -1).map((room) => ({
  files: [`web/src/${room}/**/*.{ts,tsx}`],
  excludeFiles: ['**/*.test.{ts,tsx}'],
  rules: restrictImports([WEB_SERVER, roomAbove(WEB_ROOMS, room)]),
}));

const domain = {
  files: ['src/**/*.ts', 'contracts/**/*.ts'],
  excludeFiles: ['src/app/**', 'src/cli/**', 'src/clock.ts', ...TESTS],
  rules: {
    'no-console': error,
    'node/no-process-env': error,
    'unicorn/no-process-exit': error,
    'no-restricted-globals': [
      error,
      { name: 'process', message: 'Pass the value in; the environment is read in src/app and src/cli.' },
    ] as const,
    'no-restricted-properties': [
      error,
      { object: 'Date', property: 'now', message: 'Use the clock that is passed in.' },
      { object: 'performance', property: 'now', message: 'Use clock.monotonic().' },
      { object: 'Math', property: 'random', message: 'Use the random source that is passed in.' },
    ] as const,
  },
};

export default {
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'react', 'jsx-a11y'] as const,
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: error },
  env: { builtin: true, node: true, es2024: true },
  categories: { correctness: error, suspicious: error, perf: error },
  ignorePatterns: ['node_modules', '**/dist', 'coverage', '.guardian', 'bench/results'],
  rules: {
    // Chosen from the strict categories.
    eqeqeq: [error, 'always', { null: 'ignore' }] as const,
    'no-restricted-imports': off,
    'no-var': error,
    'prefer-const': error,
    'no-warning-comments': error,
    'max-lines': [error, { max: 400 }] as const,
    // A constructor closes over its verbs, so it is as long as all of them.
    'max-lines-per-function': [error, { max: 120, skipBlankLines: true, skipComments: true }] as const,
    // What a call needs beyond this is one record with named fields.
    'max-params': [error, { max: 5 }] as const,
    'import/no-cycle': [error, { ignoreTypes: false }] as const,
    'import/no-default-export': error,
    'import/no-duplicates': error,
    'oxc/no-barrel-file': [error, { threshold: 0 }] as const,
    'typescript/no-explicit-any': error,
    'typescript/no-namespace': error,
    'typescript/no-non-null-assertion': error,
    'typescript/consistent-type-imports': error,
    'typescript/no-import-type-side-effects': error,
    'typescript/parameter-properties': error,
    'typescript/ban-ts-comment': error,
    'no-throw-literal': error,
    'promise/no-callback-in-promise': off,
    'typescript/no-misused-promises': error,
    'typescript/no-deprecated': error,
    'typescript/switch-exhaustiveness-check': [error, { considerDefaultExhaustiveForUnions: true }] as const,
    'typescript/no-floating-promises': [
      error,
      { allowForKnownSafeCalls: [{ from: 'package', name: ['describe', 'it', 'test', 'suite', 'before', 'after'], package: 'node:test' }] },
    ] as const,
    'unicorn/filename-case': [error, { case: 'kebabCase' }] as const,
    'unicorn/prefer-node-protocol': error,
    // A consumer works through its batches one after the other: order is the point.
    'no-await-in-loop': off,
    // Rows of a database and parsed JSON are narrowed by assertion at the edge that checks them.
    'typescript/no-unsafe-type-assertion': off,
    'unicorn/consistent-function-scoping': off,
    'import/no-unassigned-import': off,
    'import/no-named-as-default-member': off,
    'promise/always-return': off,
    'oxc/no-map-spread': off,
    // About Express; Fastify takes promises.
    'oxc/no-async-endpoint-handlers': off,
    'unicorn/no-array-reverse': off,
    'unicorn/no-array-sort': off,
    'react/react-in-jsx-scope': off,
    'jsx-a11y/prefer-tag-over-role': off,
    'typescript/consistent-return': off,
    'unicorn/no-new-array': off,
    'no-shadow': off,
    // A list is copied before a loop that changes it; literals are spread to keep facts that belong together on one line.
    'unicorn/no-useless-spread': off,
    // Flags that a closure sets, and verbs of closures that are passed on, are how this code is built.
    'no-unmodified-loop-condition': off,
    'typescript/unbound-method': off,
    // Ports of threads look like windows to these two.
    'unicorn/require-post-message-target-origin': off,
    'unicorn/prefer-add-event-listener': off,
  },
  overrides: [
    domain,
    ...folderArrows,
    engineChoice,
    ...detectArrows,
    ...chatArrows,
    {
      files: ['contracts/**/*.ts'],
      excludeFiles: ['**/*.test.ts'],
      rules: restrictImports([
        refuse('contracts imports nothing of ours and does no work.', ['**/src/**', '**/web/**', 'node:**', 'fastify']),
      ]),
    },
    {
      files: ['web/**/*.{ts,tsx}'],
      // The build runs in Node.
      excludeFiles: ['web/vite.config.ts'],
      rules: restrictImports([WEB_SERVER]),
    },
    ...webArrows,
    { files: ['plugin/src/**/*.ts'], excludeFiles: ['**/*.test.ts'], rules: restrictImports([PLUGIN]) },
    {
      files: [...TESTS, '**/*.test.tsx', 'contracts/text/*.ts'],
      rules: { 'max-lines': off, 'max-lines-per-function': off },
    },
    // OpenClaw takes a plugin as a default export.
    { files: ['*.config.ts', 'web/*.config.ts', '**/vite.config.ts', 'plugin/src/index.ts'], rules: { 'import/no-default-export': off } },
    // Without types, a list of strings looks like a list of anything.
    { files: ['scripts/**/*.mjs'], rules: { 'typescript/require-array-sort-compare': off } },
    // Old syntax on purpose: an old Node must get as far as the sentence that refuses it.
    {
      files: ['scripts/guardian.mjs', 'scripts/start.mjs', 'scripts/task.mjs', 'scripts/bootstrap/old-node.mjs'],
      rules: { 'no-var': off, 'typescript/no-floating-promises': off },
    },
    // node:test takes a reporter as a default export.
    { files: ['scripts/bootstrap/count-reporter.mjs'], rules: { 'import/no-default-export': off } },
  ],
};
