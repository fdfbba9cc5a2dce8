const ADDRESS = /https?:\/\/[^\s<>"']+/g;

/** A run of text, or an address in it. */
type TextPart = { readonly text: string } | { readonly address: string };

/** Splits a plain text at the web addresses in it; a full stop or bracket behind one belongs to the sentence. */
export function textParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?)\]}]+$/, "");
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ address });
    from = match.index + address.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

/** The web addresses that the anchors of an HTML text lead to, each once. Other schemes are left out. */
export function htmlLinks(content: string): readonly string[] {
  const found = [...content.matchAll(/<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map((match) =>
    unescaped(match[1] ?? match[2] ?? ""),
  );
  return [...new Set(found.filter((address) => /^https?:\/\//i.test(address)))];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };

const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (whole, name: string) => ENTITIES[name] ?? whole);
