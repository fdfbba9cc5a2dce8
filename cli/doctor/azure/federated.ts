import { z } from "zod";
import type { Credential } from "../../../shared/domain/application-credentials.ts";
import { AzureProblem, type ResourceManager } from "./arm.ts";

const federated = z.object({
  name: z.string(),
  properties: z.object({ issuer: z.string().nullish(), subject: z.string().nullish() }),
});

/** Whose tokens a user-assigned identity is given for. @throws AzureProblem */
export const listFederated = async (arm: ResourceManager, id: string): Promise<readonly Credential[]> =>
  (await arm.list(`${id}/federatedIdentityCredentials`, "2023-01-31", federated)).map(({ name, properties }) => ({
    kind: "federated",
    name,
    issuer: properties.issuer ?? undefined,
    subject: properties.subject ?? undefined,
  }));

const IDENTITY =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/?#]+\/providers\/microsoft\.managedidentity\/userassignedidentities\/[^/?#]+$/i;

/** The same of an identity that the directory names, wherever it is. `undefined`: it may not be read, or is none. */
export async function federatedOf(arm: ResourceManager, id: string): Promise<readonly Credential[] | undefined> {
  if (!IDENTITY.test(id)) return undefined;
  try {
    return await listFederated(arm, id);
  } catch (error) {
    if (error instanceof AzureProblem) return undefined;
    throw error;
  }
}
