import { Type } from 'typebox';

const shared = (what: string, file: string) =>
  Type.Optional(
    Type.String({
      minLength: 32,
      description: `${what}, where several processes must share one. Default: the file \`${file}\` in the data directory.`,
      secret: true,
    }),
  );

/** Secrets by which programs and browsers are let in. */
export const AccessSchema = Type.Object(
  {
    service_token: shared('Service token of programs', 'service-token'),
    signing_secret: shared('Secret that signs links and sessions of the console', 'secret'),
  },
  { additionalProperties: false },
);
