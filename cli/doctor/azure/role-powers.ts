import { POWER_RULES, type PowerRule } from "./power-rules.ts";

/** The permissions of a role definition, as Azure lists them. */
export interface RolePermission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** What a role lets its holder do to resources of these types; `data`: with what is in them only. Pure. */
export function powersOf(
  permissions: readonly RolePermission[],
  resourceTypes: ReadonlySet<string>,
): readonly { readonly what: string; readonly data: boolean }[] {
  return POWER_RULES.filter(({ resourceType }) => resourceType === "*" || resourceTypes.has(resourceType)).flatMap(
    (rule) => {
      const control = permissions.some((one) => givesControl(rule, one));
      const data = permissions.some((one) => givesData(rule, one));
      return control || data ? [{ what: rule.what, data: !control }] : [];
    },
  );
}

function givesControl(
  { actions, secretReads = [] }: PowerRule,
  { actions: given, notActions }: RolePermission,
): boolean {
  const narrow = given.filter((pattern) => pattern.toLowerCase() !== "*/read");
  return (
    actions.some((action) => allows(action, given, notActions)) ||
    secretReads.some((action) => allows(action, narrow, notActions))
  );
}

const givesData = (
  { dataActions = [], anyDataBelow }: PowerRule,
  { dataActions: given, notDataActions }: RolePermission,
): boolean =>
  dataActions.some((action) => allows(action, given, notDataActions)) ||
  (anyDataBelow !== undefined &&
    given.some((pattern) => isBelow(pattern, anyDataBelow) && !/\/read$/i.test(pattern)) &&
    !notDataActions.some((pattern) => matches(pattern, `${anyDataBelow}*`)));

/** Whether a pattern can stand for something below the prefix, by what is before its first `*`. */
function isBelow(pattern: string, prefix: string): boolean {
  const [head = "", ...rest] = pattern.toLowerCase().split("*");
  const wanted = prefix.toLowerCase();
  return head.startsWith(wanted) || (rest.length > 0 && wanted.startsWith(head));
}

/** Whether a role gives an action: patterns are compared without case, what is taken away wins. */
export const allows = (action: string, given: readonly string[], taken: readonly string[]): boolean =>
  given.some((pattern) => matches(pattern, action)) && !taken.some((pattern) => matches(pattern, action));

/** Patterns are compared without case; `*` stands for anything, slashes too. */
function matches(pattern: string, action: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  const text = action.toLowerCase();
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  const last = rest.at(-1) ?? "";
  return text.length - last.length >= at && text.endsWith(last);
}
