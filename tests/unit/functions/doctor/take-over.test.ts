import { describe, expect, it } from "vitest";
import { readTakeOver, type TakeOverReader } from "../../../../functions/doctor/take-over.ts";
import type { ActiveAssignment } from "../../../../shared/domain/directory.ts";
import type { ActivationId, DirectoryScopeId, PrincipalId, RoleDefinitionId } from "../../../../shared/domain/ids.ts";
import type { RoleDefinition } from "../../../../shared/domain/posture.ts";
import { HOUR_MS, MINUTE_MS, plus } from "../../../../shared/domain/time.ts";
import type { ActivationOutline } from "../../../../shared/ports/activation-store.ts";
import { MemoryFront } from "../../../support/memory-front.ts";
import { MemoryWorld } from "../../../support/memory-world.ts";

const HUGO = "a0000000-0000-4000-8000-000000000008" as PrincipalId;
const GLOBAL = "62e90394-69f5-4237-9190-012177145e10" as RoleDefinitionId;

/** The directory with one row, and tables that say that an activation of ours is just granting it. */
function reader(row: Partial<ActiveAssignment>, role?: RoleDefinition): TakeOverReader {
  const world = new MemoryWorld();
  const { front } = new MemoryFront(world);
  if (role) world.directory.roles.set(role.id, role);
  world.directory.applications = async () => ({ kind: "read", applications: [] });
  world.directory.visitEligible = async () => undefined;
  world.directory.visitActive = async (visit) =>
    visit(
      [
        {
          principalId: HUGO,
          roleDefinitionId: GLOBAL,
          directoryScopeId: "/" as DirectoryScopeId,
          scheduleId: "schedule",
          memberType: "Direct",
          assignmentType: "Assigned",
          startsAt: world.now,
          endsAt: undefined,
          ...row,
        },
      ],
      [{ id: HUGO, kind: "user", name: "Hugo" }],
    );
  const granting = { row: { state: { status: "Granting" } } } as unknown as ActivationOutline;
  return {
    ...front,
    holders: { ...front.holders, holder: async () => "activation" as ActivationId },
    store: { outline: async () => granting } as unknown as TakeOverReader["store"],
    self: { registrations: async () => [], principals: async () => [] } as unknown as TakeOverReader["self"],
    clientIds: [],
  };
}
const named = async (row: Partial<ActiveAssignment>, role?: RoleDefinition): Promise<readonly string[]> =>
  (await readTakeOver(reader(row, role))).administrators.map(({ can }) => can);

const now = new MemoryWorld().now;

describe("who holds a role that takes applications over", () => {
  it("is left out while an activation of this system holds it", async () => {
    expect(await named({ endsAt: plus(now, 4 * HOUR_MS) })).toEqual([]);
  });

  it("is named where it ends later than this system ever grants, whatever rows in the tables say", async () => {
    expect(await named({ endsAt: plus(now, 4 * HOUR_MS + 6 * MINUTE_MS) })).toEqual([`holds ${GLOBAL}`]);
    expect(await named({})).toEqual([`holds ${GLOBAL}`]);
  });

  const custom = (action: string): RoleDefinition => ({
    id: "c0000000-0000-4000-8000-000000000001" as RoleDefinitionId,
    name: "App support",
    builtIn: false,
    actions: [action],
  });

  it.each([
    "microsoft.directory/applications/credentials/update",
    "microsoft.directory/applications.myOrganization/owners/update",
    "microsoft.directory/servicePrincipals/appRoleAssignedTo/update",
    "microsoft.directory/applications/authentication/update",
    "microsoft.directory/servicePrincipals/allProperties/allTasks",
  ])("is named for a custom role with %s", async (action) => {
    const role = custom(action);
    expect(await named({ roleDefinitionId: role.id }, role)).toEqual(["holds App support"]);
  });

  it.each(["microsoft.directory/applications/credentials/read", "microsoft.directory/applications/tag/update"])(
    "is not named for a custom role with %s",
    async (action) => {
      const role = custom(action);
      expect(await named({ roleDefinitionId: role.id }, role)).toEqual([]);
    },
  );

  it("is named for a role that makes a domain trust another identity provider", async () => {
    const id = "8329153b-31d0-4727-b945-745eb3bc5f31" as RoleDefinitionId;
    const role = { id, name: "Domain Name Administrator", builtIn: true };
    expect(await named({ roleDefinitionId: id }, role)).toEqual(["holds Domain Name Administrator"]);
  });
});
