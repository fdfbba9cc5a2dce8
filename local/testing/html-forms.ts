/** A form of a page of the identity provider: where it goes and what its inputs hold. */
export interface Form {
  readonly action: string;
  /** What the form is for (`data-step`); forms of the library have none. */
  readonly step: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads the forms of pages whose markup we know; no general HTML. */
export function formsIn(html: string, base: string): readonly Form[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, attributes = "", content = ""]) => ({
    action: new URL(attribute(attributes, "action") ?? base, base).href,
    step: attribute(attributes, "data-step"),
    fields: Object.fromEntries(
      [...content.matchAll(/<input\b([^>]*)>/gs)]
        .filter(([, input = ""]) => attribute(input, "type") !== "radio" || /\schecked\b/.test(input))
        .map(([, input = ""]) => [attribute(input, "name") ?? "", attribute(input, "value") ?? ""]),
    ),
  }));
}

export const alertCodeIn = (html: string): string | undefined => /data-code="([^"]*)"/.exec(html)?.[1];

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : unescaped(value);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };

const unescaped = (text: string): string =>
  text.replace(/&(#?\w+);/g, (entity, name: string) => ENTITIES[name] ?? entity);
