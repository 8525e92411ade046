/** Part of an OpenAPI document: any JSON value. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const COMPONENT_NAME = /^[A-Z][A-Za-z0-9]*$/;
const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Mark of an operation that works without a body. The plugin describes every body as required, and knows no other way. */
export const BODY_OPTIONAL = 'x-body-optional';

/** Moves every schema that has a name for its `title` (`Anomaly`, `Problem`) to `components.schemas` and leaves a `$ref`, so
 *  that a generated client gets one type for each; marks optional bodies as such. Throws a TypeError when two different schemas have one name. */
export function nameSchemas(document: object): object {
  const schemas = new Map<string, Json>();
  const hoisted = hoist(JSON.parse(JSON.stringify(document)) as Json, schemas) as JsonObject;
  const components = hoisted['components'];
  const named = Object.fromEntries([...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ...hoisted, components: { ...(components !== undefined && isObject(components) ? components : {}), schemas: named } };
}

function hoist(value: Json, schemas: Map<string, Json>): Json {
  if (Array.isArray(value)) return value.map((entry: Json) => hoist(entry, schemas));
  if (!isObject(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, hoist(entry, schemas)]));
  if (BODY_OPTIONAL in inner) return relaxBody(inner);
  const { title } = inner;
  if (typeof title !== 'string' || !COMPONENT_NAME.test(title) || !isSchema(inner)) return inner;
  const known = schemas.get(title);
  if (known === undefined) schemas.set(title, inner);
  else if (JSON.stringify(known) !== JSON.stringify(inner)) throw new TypeError(`Two different schemas are named ${title}.`);
  return { $ref: `#/components/schemas/${title}` };
}

const isSchema = (value: JsonObject): boolean => 'type' in value || 'anyOf' in value || 'enum' in value;

function relaxBody({ [BODY_OPTIONAL]: _mark, ...operation }: JsonObject): JsonObject {
  const { requestBody } = operation;
  return requestBody !== undefined && isObject(requestBody)
    ? { ...operation, requestBody: { ...requestBody, required: false } }
    : operation;
}
