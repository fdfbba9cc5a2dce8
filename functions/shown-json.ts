/** What a stored row says, for the eye only: its seal is the worker's to check. `undefined`: no JSON, so somebody else's row. */
export function shownJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
