import type { PrincipalId } from "../../shared/domain/ids.ts";
import type { Principal } from "../../shared/domain/posture.ts";
import { canTakeApplications } from "../../shared/domain/privileged-roles.ts";
import type { SelfDirectory } from "../../shared/ports/doctor.ts";
import { isHeldByActivation } from "../activation/held-by-activation.ts";
import type { Door } from "../door.ts";
import { readPosture } from "../standing/read-posture.ts";

/** Somebody who can take over the apps or their identities, and by what. */
export interface Administrator {
  readonly principalId: PrincipalId;
  readonly name: string;
  readonly kind: Principal["kind"];
  readonly can: string;
}

export interface TakeOverReader extends Pick<
  Door,
  "clock" | "posture" | "policies" | "holders" | "store" | "directory"
> {
  readonly self: SelfDirectory;
  /** Of the app registrations that people sign in with. */
  readonly clientIds: readonly string[];
}

/**
 * Who can take over the apps through the directory: by a role that may change applications, by a tier-0 permission of
 * Graph, by owning what has one, by owning our registrations and identities. A group counts as its members and owners.
 * Who holds a role by an activation of this system is left out: that is what it is for. @throws DependencyError
 */
export async function readTakeOver(reader: TakeOverReader): Promise<readonly Administrator[]> {
  const { policies, posture } = reader;
  const own = policies.policy.governance?.ownIdentities ?? [];
  const byRole = await holdersByRole(reader);
  const applications = await posture.applications(new Set(byRole.map(({ principalId }) => principalId)));
  const byPermission =
    applications.kind === "read"
      ? applications.applications.flatMap(({ id, name, permissions, owners }) => [
          ...(permissions.length === 0 || own.includes(id)
            ? []
            : [described({ id, kind: "servicePrincipal", name }, `has ${permissions.join(", ")}`)]),
          ...owners.map((owner) => described(owner, `owns ${name || id}`)),
        ])
      : [];
  const registrations = await reader.self.registrations(reader.clientIds);
  const byOwning = registrations.flatMap(({ name, owners }) =>
    owners.map((owner) => described(owner, `owns the app registration ${name}`)),
  );
  const identities = await reader.self.principals(own);
  const byOwningUs = identities.flatMap(({ principal, behind }) =>
    behind.map((one) => described(one.principal, `owns ${principal.name}`)),
  );
  const named = ({ principalId, name, ...rest }: Administrator): Administrator => ({
    ...rest,
    principalId,
    name: policies.people.byAccount(principalId)?.name ?? (name || principalId),
  });
  return [...byRole, ...byPermission, ...byOwning, ...byOwningUs].map(named);
}

const described = ({ id, kind, name }: Principal, can: string): Administrator => ({ principalId: id, kind, name, can });

async function holdersByRole(reader: TakeOverReader): Promise<readonly Administrator[]> {
  const posture = await readPosture(reader);
  const found: Administrator[] = [];
  for (const row of posture.active) {
    if (!canTakeApplications(row.roleDefinitionId)) continue;
    if (row.endsAt !== undefined && (await isHeldByActivation(reader, row))) continue;
    const role = posture.roles.get(row.roleDefinitionId)?.name ?? row.roleDefinitionId;
    const group = posture.groups.get(row.principalId);
    const one = (id: PrincipalId, can: string): Administrator =>
      described(posture.principals.get(id) ?? { id, kind: "unknown", name: "" }, can);
    if (!group) found.push(one(row.principalId, `holds ${role}`));
    else {
      const name = posture.principals.get(group.id)?.name ?? group.id;
      found.push(...group.members.map((id) => one(id, `holds ${role} as a member of ${name}`)));
      found.push(...group.owners.map((id) => one(id, `owns ${name}, which holds ${role}`)));
    }
  }
  return found;
}
