import type { ResumeVerdict } from "../../shared/domain/verdict.ts";
import type { Controls, Freeze } from "../../shared/ports/controls.ts";
import { freezeDigest } from "../activation/freeze-digest.ts";
import { shownJson } from "../shown-json.ts";

/** The persons who agreed to lift the freeze, as stored: for the eye only, the seals are the worker's to check. */
export async function shownAgreed(
  { controls }: { readonly controls: Pick<Controls, "resumeVerdicts"> },
  freeze: Freeze,
): Promise<readonly string[]> {
  const digest = freezeDigest(freeze);
  const verdicts = (await controls.resumeVerdicts(freeze.id)).map(
    ({ body }) => shownJson(body) as Partial<ResumeVerdict> | null | undefined,
  );
  const persons = verdicts.flatMap((one) => (one?.freezeDigest === digest ? [String(one.person)] : []));
  return [...new Set(persons)].toSorted();
}
