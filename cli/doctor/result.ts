import type { CheckResult } from "../../shared/domain/doctor.ts";

/** What one look found, and where: a part of the app, `azure` or `directory`. */
export type Located = CheckResult & { readonly where: string };

export const located = (where: string, results: readonly CheckResult[]): readonly Located[] =>
  results.map((result) => ({ ...result, where }));
