import { createHmac, timingSafeEqual } from "node:crypto";
import { decoded, pathOf } from "../amqp/addresses.ts";
import { covers, refused, type Right, type Verdict } from "./grants.ts";

/** A shared access key: of one entity, or of the namespace. */
export interface SasKey {
  readonly name: string;
  readonly key: string;
  readonly rights: readonly Right[];
  readonly path: string;
}

/**
 * Checks a shared access signature against the keys, for an audience. The signature is over the encoded resource as
 * it stands in the token; the key is text, not base64.
 * @see https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas
 */
export function verifySas(token: string, audience: string, keys: readonly SasKey[], now: number): Verdict {
  const fields = fieldsOf(token);
  const { sr = "", sig = "", se = "", skn = "" } = fields;
  const key = keys.find(({ name, path }) => name === skn && covers(path.toLowerCase(), pathOf(audience).toLowerCase()));
  if (!key) return refused(`InvalidSignature: there is no key ${skn} for this resource`);
  const expected = createHmac("sha256", key.key).update(`${sr}\n${se}`).digest();
  const given = Buffer.from(decoded(sig), "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return refused("InvalidSignature: the token has an invalid signature");
  const expiresAt = Number(se) * 1000;
  if (!(expiresAt > now)) return refused("ExpiredToken: the token has expired");
  const resource = pathOf(sr).replace(/\/\$management$/i, "");
  const wanted = pathOf(audience).replace(/\/\$management$/i, "");
  if (!covers(resource.toLowerCase(), wanted.toLowerCase()))
    return refused(`InvalidAudience: the token is for '${resource}', not for '${wanted}'`);
  return { kind: "granted", grant: { path: wanted, rights: key.rights, expiresAt } };
}

function fieldsOf(token: string): Readonly<Record<string, string>> {
  const pairs = token.replace(/^SharedAccessSignature\s+/i, "").split("&");
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)] as const;
    }),
  );
}
