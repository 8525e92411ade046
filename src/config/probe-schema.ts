import { Type } from 'typebox';

/** Where a process without an API is asked how it is doing. */
export const ProbeSchema = Type.Object(
  {
    host: Type.String({ default: '127.0.0.1' }),
    port: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        description:
          'Port of `/live`, `/ready` and `/metrics` of this process, for whoever restarts it and for Prometheus; only with `bus.engine: kafka`. Unset: none.',
      }),
    ),
  },
  { additionalProperties: false },
);
