/** The part of a JSON schema that has several forms, one for each `kind`. */
interface Branched {
  readonly anyOf?: readonly Branch[];
}
interface Branch {
  readonly properties?: Readonly<Record<string, { readonly enum?: readonly unknown[]; readonly default?: unknown } | undefined>>;
}

/** The form of a value: that of its `kind`, or of the default kind when it names none. The schema itself where it has one form, and
 *  undefined for a kind that does not exist. Pure. */
export function branchOf<Schema extends object>(schema: Schema & Branched, value: unknown): Schema | undefined {
  if (schema.anyOf === undefined) return schema;
  const kind: unknown = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  const found = schema.anyOf.find(({ properties }) => {
    const own = properties?.['kind'];
    return kind === undefined ? own?.default !== undefined : own?.enum?.includes(kind) === true;
  });
  return found as Schema | undefined;
}

/** The kinds of a schema with several forms, in order. */
export function kindsOf({ anyOf = [] }: Branched): string[] {
  return anyOf.flatMap(({ properties }) => (properties?.['kind']?.enum ?? []).map(String));
}
