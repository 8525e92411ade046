import { Type, type Static, type TProperties } from 'typebox';
import { ANOMALY_TYPES, SEVERITIES } from '@transaction-guardian/contracts/anomaly-type.ts';
import { CONFIRMATIONS, PARAMETER_TYPES } from '@transaction-guardian/contracts/runbook-word.ts';
import { DURATION } from './duration.ts';

const closed = <P extends TProperties>(properties: P, description: string) =>
  Type.Object(properties, { additionalProperties: false, description });
const duration = (description: string) => Type.String({ pattern: DURATION, description });

export const NAME_PATTERN = '^[a-z][a-z0-9-]{0,62}$';
const PARAMETER_NAME = '^[a-z][a-z0-9_]{0,62}$';

const Texts = closed(
  { 'pt-BR': Type.String({ minLength: 1, maxLength: 1000 }), en: Type.String({ minLength: 1, maxLength: 1000 }) },
  'A text in Brazilian Portuguese and in English.',
);

/** A value that the file does not have: read from the environment of the server, or from a file, when the step begins. */
export const SecretReference = closed(
  {
    env: Type.Optional(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$', description: 'Variable of the environment of the server.' })),
    file: Type.Optional(Type.String({ minLength: 1, description: 'Path of a file; the line break at its end is left out.' })),
  },
  'A secret: exactly one of `env` and `file`.',
);
export type SecretReference = Static<typeof SecretReference>;

const TextOrSecret = Type.Unknown({ description: 'A text, or a secret by reference: `{ env: NAME }` or `{ file: PATH }`.' });
const Scalar = Type.Unknown({ description: 'A text, a number or a boolean.' });

const Http = closed(
  {
    method: Type.Optional(Type.Enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], { description: 'Default GET.' })),
    url: Type.String({
      pattern: String.raw`^(https?://|\{\{server_url\}\})`,
      description: 'Address; placeholders in it are percent-encoded.',
    }),
    headers: Type.Optional(Type.Record(Type.String(), TextOrSecret, { description: 'Headers by name.' })),
    body: Type.Optional(Type.Unknown({ description: 'Sent as JSON, or as it is when it is a text.' })),
  },
  'An HTTP call. Redirects are not followed.',
);

const Expect = closed(
  {
    exit_codes: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 255 }), { minItems: 1, description: 'Of a command; default 0.' }),
    ),
    status: Type.Optional(
      Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), { minItems: 1, description: 'Of an HTTP call; default 200 to 299.' }),
    ),
    contains: Type.Optional(Type.String({ minLength: 1, description: 'Text that the output, or the body, must have.' })),
    json: Type.Optional(
      Type.Record(Type.String(), Type.Array(Scalar, { minItems: 1 }), {
        description: 'Of an HTTP call: values that a member of the answer may have, by its dotted path.',
      }),
    ),
    rows_minimum: Type.Optional(Type.Integer({ minimum: 0, description: 'Of a SQL read.' })),
    rows_maximum: Type.Optional(Type.Integer({ minimum: 0, description: 'Of a SQL read.' })),
  },
  'What the result must be; the step fails otherwise.',
);

/** What a step, or the check of a wait, does: exactly one of `command`, `http`, `sql`, `action`. */
const WORK = {
  command: Type.Optional(
    Type.Array(Type.String(), {
      minItems: 1,
      description: 'Program and arguments. No shell reads them; the program takes no placeholder.',
    }),
  ),
  env: Type.Optional(
    Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), TextOrSecret, { description: 'Variables of the command.' }),
  ),
  directory: Type.Optional(Type.String({ minLength: 1, description: 'Working directory of the command; default that of the server.' })),
  http: Type.Optional(Http),
  sql: Type.Optional(
    Type.String({ minLength: 1, description: 'One statement, in a read-only transaction. Values come through `args` as $1, $2.' }),
  ),
  args: Type.Optional(Type.Array(Scalar, { description: 'Values of the statement.' })),
  action: Type.Optional(Type.String({ minLength: 1, description: 'A built-in action.' })),
  with: Type.Optional(Type.Record(Type.String(), Scalar, { description: 'Arguments of the action.' })),
  expect: Type.Optional(Expect),
};

const Check = closed(WORK, 'What is asked again and again: exactly one of `command`, `http`, `sql`, `action`.');
export type CheckFile = Static<typeof Check>;

const Step = closed(
  {
    name: Texts,
    ...WORK,
    wait_until: Type.Optional(
      closed({ every: Type.Optional(duration('Default 2s.')), check: Check }, 'Waits until the check holds, or the step times out.'),
    ),
    timeout: Type.Optional(duration('Of one attempt; default 60s.')),
    retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 10, description: 'Further attempts after a failure; default 0.' })),
    retry_wait: Type.Optional(duration('Between attempts; default 2s.')),
    repeatable: Type.Optional(
      Type.Boolean({ description: 'Doing it twice does no harm: an interrupted run may be resumed here. Default false.' }),
    ),
    tolerate: Type.Optional(Type.Boolean({ description: 'The run goes on when this step fails. Default false.' })),
    leaves: Type.Optional(Texts),
  },
  'One step: exactly one of `command`, `http`, `sql`, `wait_until`, `action`.',
);
export type StepFile = Static<typeof Step>;

const Parameter = closed(
  {
    name: Type.String({ pattern: PARAMETER_NAME }),
    type: Type.Enum([...PARAMETER_TYPES]),
    description: Texts,
    pattern: Type.Optional(Type.String({ minLength: 1, description: 'Of a string, which needs one: the whole value must match.' })),
    max_length: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Of a string; default 128.' })),
    minimum: Type.Optional(
      Type.Union([Type.Integer(), Type.String({ pattern: DURATION })], {
        description: 'Of an integer, which needs both bounds, or a duration.',
      }),
    ),
    maximum: Type.Optional(Type.Union([Type.Integer(), Type.String({ pattern: DURATION })], { description: 'The same.' })),
    choices: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Of an enum, which needs them.' })),
    default: Type.Optional(Scalar),
  },
  'One parameter. Without a default it has to be given.',
);
export type ParameterFile = Static<typeof Parameter>;

const Auto = closed(
  {
    alerts: Type.Array(Type.Enum([...ANOMALY_TYPES]), { minItems: 1, description: 'Types of the alerts that start it.' }),
    severities: Type.Optional(Type.Array(Type.Enum([...SEVERITIES]), { minItems: 1, description: 'Default critical only.' })),
    per_day: Type.Integer({ minimum: 1, maximum: 100, description: 'Most runs in 24 hours.' }),
  },
  'Runs by itself when a matching alert opens; only with `confirm: none` and a default for each parameter.',
);

/** A runbook file. */
export const RunbookSchema = closed(
  {
    name: Type.String({ pattern: NAME_PATTERN, description: 'The same as the name of the file.' }),
    description: Texts,
    dry_run: Texts,
    success: Type.Optional(Texts),
    parameters: Type.Optional(Type.Array(Parameter, { maxItems: 20 })),
    steps: Type.Array(Step, { minItems: 1, maxItems: 50 }),
    on_failure: Type.Optional(Type.Array(Step, { minItems: 1, maxItems: 20, description: 'Steps after a failed, cancelled or late one.' })),
    timeout: Type.Optional(duration('Of the whole run; default 30m.')),
    cooldown: Type.Optional(duration('From the end of a run that was done to the next; default none.')),
    roles: Type.Array(Type.Enum(['operator', 'approver', 'admin']), {
      minItems: 1,
      description: 'Who may run it: any of them, or a stronger one.',
    }),
    confirm: Type.Enum([...CONFIRMATIONS]),
    alerts: Type.Optional(Type.Array(Type.Enum([...ANOMALY_TYPES]), { description: 'Types of alerts that suggest it.' })),
    auto: Type.Optional(Auto),
  },
  'A runbook.',
);
export type RunbookFile = Static<typeof RunbookSchema>;
