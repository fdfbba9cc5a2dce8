/** The part of the `claims` parameter that asks for authentication contexts and client capabilities. */
interface ClaimsParameter {
  readonly id_token?: RequestedClaims;
  readonly access_token?: RequestedClaims;
}
type RequestedClaims = Readonly<Record<string, RequestedClaim | null>>;
interface RequestedClaim {
  readonly essential?: boolean;
  readonly value?: string;
  readonly values?: readonly string[];
}

/** Authentication contexts that a `claims` parameter demands, for either token. */
export function demandedContexts(claims: unknown): readonly string[] {
  const { id_token, access_token } = parsed(claims);
  const demanded = [id_token?.["acrs"], access_token?.["acrs"]].filter((claim) => claim?.essential === true);
  return [...new Set(demanded.flatMap((claim) => valuesOf(claim)))];
}

/** What the client says it can handle (`cp1`: claims challenges), which Entra repeats as `xms_cc`. */
export const clientCapabilities = (claims: unknown): readonly string[] =>
  valuesOf(parsed(claims).access_token?.["xms_cc"]);

/** The contexts a session satisfies are kept in `acr` of `oidc-provider`, which carries it to codes and refresh tokens. */
export const contextsOf = (acr: string | undefined): readonly string[] => acr?.split(" ").filter(Boolean) ?? [];

const valuesOf = (claim: RequestedClaim | null | undefined): readonly string[] =>
  claim?.values ?? (claim?.value === undefined ? [] : [claim.value]);

/** `claims` as the text of the request or as `oidc-provider` parsed it, which has refused what is not JSON. */
function parsed(claims: unknown): ClaimsParameter {
  if (typeof claims === "string") return JSON.parse(claims) as ClaimsParameter;
  return claims ?? {};
}
