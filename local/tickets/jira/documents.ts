import { z } from "zod";

/** Atlassian Document Format, as far as the site looks into it: a document of nodes that may carry text. */
export const AtlassianDocument = z.looseObject({
  version: z.literal(1),
  type: z.literal("doc"),
  content: z.array(z.looseObject({ type: z.string() })),
});

/** A plain text as a document: one paragraph a line. */
export const textDocument = (text: string): z.infer<typeof AtlassianDocument> => ({
  version: 1,
  type: "doc",
  content: text
    .split("\n")
    .map((line) => ({ type: "paragraph", content: line === "" ? [] : [{ type: "text", text: line }] })),
});

const TextNode = z.looseObject({ type: z.literal("text"), text: z.string() });
const ParentNode = z.looseObject({ type: z.string(), content: z.array(z.unknown()) });
const BLOCKS = new Set(["paragraph", "heading", "listItem", "codeBlock"]);

/** The text of a document, one line a block. */
export function documentText(node: unknown): string {
  const leaf = TextNode.safeParse(node);
  if (leaf.success) return leaf.data.text;
  const parent = ParentNode.safeParse(node);
  if (!parent.success) return "";
  const inner = parent.data.content.map(documentText).join("");
  return BLOCKS.has(parent.data.type) ? `${inner}\n` : inner;
}
