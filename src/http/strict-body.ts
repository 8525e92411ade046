import type { FastifySchemaValidationError } from 'fastify';
import type { TSchema } from 'typebox';
import { Errors } from 'typebox/value';

/** Checks a body as it is: a number is no text. Queries are checked otherwise, since all of their values are texts. */
export const strictBody =
  ({ schema }: { readonly schema: unknown }) =>
  (value: unknown): { readonly value: unknown } | { readonly error: Error } => {
    const faults = Errors(schema as TSchema, value).flatMap(faultsOf);
    if (faults.length === 0) return { value };
    return { error: Object.assign(new Error('The body breaks its schema.'), { validation: faults }) };
  };

/** One fault a field, in the form of the other validator. */
function faultsOf(error: ReturnType<typeof Errors>[number]): FastifySchemaValidationError[] {
  const common = { keyword: error.keyword, instancePath: error.instancePath, schemaPath: error.schemaPath, message: error.message };
  if (error.keyword === 'boolean') return [];
  if (error.keyword === 'additionalProperties')
    return error.params.additionalProperties.map((name) => ({ ...common, params: { additionalProperty: name } }));
  if (error.keyword === 'required')
    return error.params.requiredProperties.map((name) => ({ ...common, params: { missingProperty: name } }));
  return [{ ...common, params: error.params }];
}
