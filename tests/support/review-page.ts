import { plainText } from "../../local/testing/app-visitor.ts";

/** What the page of a reviewer shows under the heading of one role. */
export interface RoleOnPage {
  readonly words: string;
  /** Keys of the rows that can be answered, in order: a row's fields are `c` and `r` before its key. */
  readonly keys: readonly string[];
}

export function roleOnPage(html: string, role: string): RoleOnPage {
  const section = html.split("<h2 ").find((part) => part.slice(part.indexOf(">") + 1).startsWith(`${role}</h2>`));
  if (section === undefined) throw new Error(`the page has no ${role}: ${plainText(html).slice(0, 500)}`);
  const keys = [...section.matchAll(/name="c([\w-]+)"\s+value="keep"/g)].map(([, key = ""]) => key);
  return { words: plainText(`<h2 ${section}`), keys };
}

/** The link in the newest mail that asks for the answers to an access review. */
export function reviewLink(mails: readonly { readonly subject: string; readonly content: string }[]): string {
  const mail = mails.findLast(
    ({ subject, content }) => subject.includes("Access review") && content.includes("/api/l/"),
  );
  return /http[^"]*\/api\/l\/[A-Za-z0-9_-]+/.exec(mail?.content ?? "")?.[0] ?? "";
}
