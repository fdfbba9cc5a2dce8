/** Rows under a heading, in columns as wide as their widest cell. Cells hold no line breaks. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heading.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? "")].map(widthOf)),
  );
  return [heading, ...rows].map((row) =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
}

/** Characters as people count them; accents that are code points of their own take no room. */
const widthOf = (text: string): number => [...new Intl.Segmenter().segment(text)].length;
