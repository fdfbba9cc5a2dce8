import type { AnswerSheet } from "../../shared/ports/change-store.ts";

/**
 * The answers that name whom they are about. Those of an earlier version do not: nobody can tell whom the reviewer was shown,
 * so they are asked for again, and no sign-in covers them any more.
 */
export const namedAnswers = (sheet: AnswerSheet): AnswerSheet =>
  Object.fromEntries(Object.entries(sheet).filter(([, answer]) => typeof aboutIn(answer) === "string"));

/** What an answer names, as somebody wrote it. */
export const aboutIn = (answer: unknown): unknown => (answer as { readonly about?: unknown } | null | undefined)?.about;
