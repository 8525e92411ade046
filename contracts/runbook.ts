import { Type, type Static } from 'typebox';
import { ActorIdentity } from './actor.ts';
import { Reason } from './anomaly.ts';
import { ANOMALY_TYPES } from './anomaly-type.ts';
import { NextCursor } from './node.ts';
import { ROLES } from './role.ts';
import { CONFIRMATIONS, MAX_CODE, PARAMETER_TYPES, RUN_STATES, STEP_KINDS, STEP_STATES } from './runbook-word.ts';

const Time = Type.String({ format: 'date-time' });
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A text of a runbook file in both languages. */
export const BothLanguages = Type.Object({ 'pt-BR': Type.String(), en: Type.String() }, { title: 'BothLanguages' });
export type BothLanguages = Static<typeof BothLanguages>;

/** Values of parameters by name. */
export const ParameterValues = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]));
export type ParameterValues = Static<typeof ParameterValues>;

export const RunbookParameterView = Type.Object(
  {
    name: Type.String(),
    type: Type.Enum([...PARAMETER_TYPES]),
    description: Type.String(),
    required: Type.Boolean(),
    default: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    rule: Type.String({ description: 'What a value must be, e.g. `1..16`, `^[a-z-]+$`, `a | b`.' }),
    choices: Type.Optional(Type.Array(Type.String(), { description: 'Of an enum.' })),
  },
  { title: 'RunbookParameter' },
);

/** A runbook as a list shows it. A file with a problem is listed with it and does not run. */
export const RunbookView = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    file: Type.String(),
    problems: Type.Array(Type.String(), { description: 'Why the file is not used; empty when it is right.' }),
    parameters: Type.Array(RunbookParameterView),
    steps: Type.Array(Type.Object({ name: Type.String(), kind: Type.Enum([...STEP_KINDS]) })),
    roles: Type.Array(Type.Enum([...ROLES])),
    confirm: Type.Enum([...CONFIRMATIONS]),
    cooldown_s: Type.Number(),
    alerts: Type.Array(Type.Enum([...ANOMALY_TYPES]), { description: 'Types of alerts that it is suggested for.' }),
    runs_by_itself: Type.Boolean({ description: 'Whether a matching alert starts it.' }),
    running: nullable(Type.String({ description: 'Id of the run that is under way.' })),
    unavailable: nullable(Type.String({ description: 'Why it cannot work on this server, in words; null when it can.' })),
  },
  { title: 'Runbook' },
);
export type RunbookView = Static<typeof RunbookView>;
export const RunbookList = Type.Object({ items: Type.Array(RunbookView) }, { title: 'RunbookList' });
export type RunbookList = Static<typeof RunbookList>;

/** What a run would do; nothing has been done. */
export const RunbookDryRun = Type.Object(
  {
    runbook: Type.String(),
    text: Type.String(),
    parameters: ParameterValues,
    steps: Type.Array(Type.Object({ name: Type.String(), kind: Type.Enum([...STEP_KINDS]), does: Type.String() })),
    obstacles: Type.Array(Type.String(), { description: 'Why it would be refused now.' }),
  },
  { title: 'RunbookDryRun' },
);
export type RunbookDryRun = Static<typeof RunbookDryRun>;

/** One step of a run as it is, or was. */
export const RunStep = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    name: BothLanguages,
    kind: Type.Enum([...STEP_KINDS]),
    does: Type.String({ description: 'The command, address, statement or action with its values; secrets by reference.' }),
    state: Type.Enum([...STEP_STATES]),
    attempts: Type.Integer({ minimum: 0 }),
    started_at: nullable(Time),
    ended_at: nullable(Time),
    reason: nullable(Reason),
    facts: Type.Array(Reason, { description: 'What it found or did, for people.' }),
    output: Type.String({ description: 'Masked; at most 16 KiB: beginning and end.' }),
    output_bytes: Type.Integer({ description: 'Bytes that the step printed.' }),
    leaves: nullable(BothLanguages),
  },
  { title: 'RunStep' },
);
export type RunStep = Static<typeof RunStep>;

/** The record of a run. It does not change once the state is final. */
export const RunRecord = Type.Object(
  {
    id: Type.String(),
    runbook: Type.String(),
    file_hash: Type.String({ description: 'SHA-256 of the file that it ran.' }),
    definition: Type.Unknown({ description: 'The runbook as it was.' }),
    parameters: ParameterValues,
    state: Type.Enum([...RUN_STATES]),
    requested_by: ActorIdentity,
    channel: Type.String(),
    confirmed_by: nullable(ActorIdentity),
    alert: nullable(Type.String({ description: 'Fingerprint of the alert that started it.' })),
    resumes: nullable(Type.String({ description: 'Id of the run that this one continues.' })),
    cancelled_by: nullable(ActorIdentity),
    started_at: Time,
    ended_at: nullable(Time),
    reason: nullable(Reason),
    failed_step: nullable(Type.Integer()),
    leaves: nullable(BothLanguages),
    steps: Type.Array(RunStep),
    cleanup: Type.Array(RunStep, { description: 'Steps of `on_failure`, when they ran.' }),
  },
  { title: 'RunbookRun' },
);
export type RunRecord = Static<typeof RunRecord>;
export const RunbookRunPage = Type.Object({ items: Type.Array(RunRecord), next_cursor: NextCursor }, { title: 'RunbookRunPage' });
export type RunbookRunPage = Static<typeof RunbookRunPage>;

/** A code that somebody has to send within two minutes. */
export const RunConfirmation = Type.Object(
  {
    code: Type.String({ examples: ['7K3M9QXA'] }),
    confirm: Type.Enum([...CONFIRMATIONS]),
    expires_at: Time,
    dry_run: RunbookDryRun,
  },
  { title: 'RunbookConfirmation' },
);
export type RunConfirmation = Static<typeof RunConfirmation>;

/** Answer to a request to run: the run, or what it needs first. */
export const RunAnswer = Type.Object({ run: nullable(RunRecord), confirmation: nullable(RunConfirmation) }, { title: 'RunbookRunAnswer' });
export type RunAnswer = Static<typeof RunAnswer>;

/** Body of a request to run or to describe a run. */
export const RunInput = Type.Object(
  { parameters: Type.Optional(ParameterValues) },
  { title: 'RunbookRunInput', additionalProperties: false },
);
export const ConfirmInput = Type.Object(
  { code: Type.String({ minLength: 1, maxLength: MAX_CODE }) },
  { title: 'RunbookConfirmInput', additionalProperties: false },
);
