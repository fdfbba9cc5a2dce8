interface Template {
  readonly parameters?: Readonly<
    Record<string, { readonly metadata?: { readonly description?: string }; readonly nullable?: boolean }>
  >;
  readonly resources?: Readonly<Record<string, unknown>>;
}

/** Parameters, also of modules, whose description does not begin with whether they must be given. */
export function undescribed(template: Template, path = "main"): readonly string[] {
  const own = Object.entries(template.parameters ?? {}).flatMap(([name, parameter]) => {
    const optional = "defaultValue" in parameter || parameter.nullable === true;
    const begins = optional ? "Optional. " : "Required. ";
    return parameter.metadata?.description?.startsWith(begins)
      ? []
      : [`${path}: ${name} does not begin with ${begins}`];
  });
  const inner = Object.entries(template.resources ?? {}).flatMap(([name, resource]) => {
    const nested = (resource as { properties?: { template?: Template } }).properties?.template;
    return nested ? undescribed(nested, `${path} > ${name}`) : [];
  });
  return [...own, ...inner];
}
