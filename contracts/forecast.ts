import { Type, type Static } from 'typebox';

/** Longest forecast, minutes. */
export const MAX_FORECAST_MINUTES = 1440;
/** Minutes that one count of a forecast may add up. */
export const FORECAST_STEPS = [1, 5, 15, 60] as const;

/** What a node is expected to count in one step. */
export const ForecastStep = Type.Object(
  {
    minute: Type.String({ format: 'date-time', description: 'First minute of the step.' }),
    expected: Type.Number({ minimum: 0, description: 'Mean of the count of the whole step.' }),
    low80: Type.Integer({ minimum: 0, description: 'Four of five counts lie from here to `high80`, both included.' }),
    high80: Type.Integer({ minimum: 0 }),
    low99: Type.Integer({ minimum: 0, description: '99 of 100 counts lie from here to `high99`, both included.' }),
    high99: Type.Integer({ minimum: 0 }),
    learning: Type.Boolean({ description: 'The daily curve up to here is not known yet: the band is wide and the mean a guess.' }),
  },
  { title: 'ForecastStep' },
);
export type ForecastStep = Static<typeof ForecastStep>;

/** A slow drift that a warning stands for, and when its evidence reaches the threshold if it goes on. */
export const DriftAhead = Type.Object(
  {
    anomaly_id: Type.String({ description: 'The warning, of type `drift_warning`.' }),
    node: Type.String({ description: 'What drifts, e.g. `status:denied`, `acquirer:a-1:denied`.' }),
    crosses_at: Type.String({ format: 'date-time', description: 'About when an anomaly will open, event time.' }),
    confirmed: Type.Integer({ minimum: 0, description: 'Of the measured warnings of this kind, those that came true within an hour.' }),
    measured: Type.Integer({ minimum: 0, description: 'Warnings of this kind that were measured, on simulated companies.' }),
  },
  { title: 'DriftAhead' },
);
export type DriftAhead = Static<typeof DriftAhead>;

/** `GET /forecast`: what comes after the last closed minute if nothing breaks and what is open ends. Oldest first. */
export const Forecast = Type.Object(
  {
    node: Type.String({ description: 'What is counted, e.g. `fleet`, `status:denied`, `merchant:m-1`.' }),
    from: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'First minute, the one after the last that the detector has learnt; null before any.',
    }),
    step_minutes: Type.Integer({ minimum: 1 }),
    learning: Type.Boolean({ description: 'Some step is.' }),
    items: Type.Array(ForecastStep),
    drifts: Type.Array(DriftAhead, { description: 'Warnings that stand now about the node or a part of it.' }),
    detector_version: Type.String(),
  },
  { title: 'Forecast' },
);
export type Forecast = Static<typeof Forecast>;
