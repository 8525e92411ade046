import { AjvCompiler } from '@fastify/ajv-compiler';

const build = AjvCompiler();

/** The compiler of schemas that fastify has by default, but for the moment: a schema is compiled when the first request needs it. All of
 *  them at once take longer than anything else that has to happen before the port opens. */
export const buildValidator: typeof build = (externals, options) => {
  const compile = build(externals, options);
  return (schema, meta) => {
    let compiled: ReturnType<typeof compile> | undefined;
    const validate = ((data: unknown): unknown => {
      compiled ??= compile(schema, meta);
      const outcome: unknown = compiled(data);
      validate.errors = compiled.errors ?? null;
      return outcome;
    }) as ReturnType<typeof compile>;
    return validate;
  };
};
