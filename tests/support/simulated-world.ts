import { HttpRequest, InvocationContext, type HttpResponseInit } from "@azure/functions";
import { simulatePolicyChange } from "../../functions/triggers/simulate-policy.http.ts";
import { readPolicy } from "../../shared/config/policy-file.ts";
import type { ActivationClaim } from "../../shared/domain/activation.ts";
import type { ActivationId, DirectoryScopeId, RoleDefinitionId } from "../../shared/domain/ids.ts";
import type { Person } from "../../shared/domain/people.ts";
import type { PolicyStore } from "../../shared/ports/policy-store.ts";
import { MemoryFront } from "./memory-front.ts";
import { ADA, adminOf, APPROVERS, aTicket, CORA, DEV, EVA, MemoryWorld, OWNERS, TEAM } from "./memory-world.ts";

const EXCHANGE = "29232cdf-9323-42fd-ade2-1d097af3e4de" as RoleDefinitionId;

/** `servicenow` of a person, as the policy wants it. */
export const userOf = (person: Person): string => String([ADA, CORA, DEV, EVA].indexOf(person) + 1).padStart(32, "0");

/** The files of a small tenant; JSON is YAML. `role` and `file` replace what they name. */
export interface Files {
  readonly roles: string;
  readonly people: string;
}

export function files(role: object = {}, file: object = {}, persons: readonly Person[] = [ADA, CORA, DEV, EVA]): Files {
  const roles = {
    tenant: "10000000-0000-4000-8000-000000000001",
    alertMail: "identity@example.com",
    identityTeam: TEAM,
    breakGlass: ["b0000000-0000-4000-8000-000000000001"],
    authenticationContext: "c1",
    caps: { openPerPerson: 3, openPerTicketCreator: 10 },
    breaker: { grants: 10, within: "PT10M" },
    groups: { approvers: APPROVERS, owners: OWNERS },
    ticketSystems: {
      servicenow: {
        numbers: "(CHG|INC)\\d{7}",
        types: {
          change_request: { open: ["-1"], cancelled: ["4"], window: "ignored", namesRole: false },
          incident: { open: ["1"], cancelled: ["8"], window: "ignored", namesRole: false },
        },
        fields: { role: "u_role", duration: "u_duration", scope: "u_scope" },
      },
    },
    roles: [
      {
        role: "Exchange Administrator",
        id: EXCHANGE,
        maximum: "PT4H",
        tickets: ["servicenow/change_request"],
        approval: manual([{ group: "approvers" }]),
        ...role,
      },
    ],
    ...file,
  };
  const people = Object.fromEntries(
    persons.map((person) => [
      person.key,
      {
        name: `Person ${person.key}`,
        mail: person.mail,
        daily: person.dailyAccount,
        admin: person.adminAccounts,
        servicenow: userOf(person),
      },
    ]),
  );
  return { roles: JSON.stringify(roles), people: JSON.stringify({ people }) };
}

export const manual = (from: readonly object[], count = 1): object => ({
  mode: "manual",
  requirements: [{ name: "Owners", count, from }],
});

/** A service that runs the policy of some files, and a person of the identity team who sends others. */
export class SimulatedWorld {
  readonly world = new MemoryWorld();
  readonly policies: PolicyStore;

  constructor(running: Files = files()) {
    this.policies = readPolicy(running.roles, running.people);
    Object.assign(this.world.worker, { policies: this.policies });
    this.world.ticket = aTicket({ assignee: userOf(ADA) });
    this.world.directory.eligible.push({
      principalId: adminOf(ADA),
      roleDefinitionId: EXCHANGE,
      directoryScopeId: "/" as DirectoryScopeId,
      memberType: "Direct",
      endsAt: undefined,
    });
  }

  /** Asks, and lets the process run until it waits or ends. */
  async asked(changes: Partial<ActivationClaim> = {}): Promise<ActivationId> {
    const { claim } = await this.world.claim({ roleDefinitionId: EXCHANGE, ...changes });
    await this.world.run(claim.activationId);
    return claim.activationId;
  }

  async simulate(sent: unknown, who: Person = CORA): Promise<HttpResponseInit> {
    const { front } = new MemoryFront(this.world);
    const callers = { verify: async () => ({ caller: { account: who.dailyAccount, name: who.key } }) as never };
    const request = new HttpRequest({
      method: "POST",
      url: "https://app.example/api/policy/simulate",
      headers: { "content-type": "application/json", authorization: "Bearer x" },
      body: { string: JSON.stringify(sent) },
    });
    return simulatePolicyChange({ ...front, callers })(request, new InvocationContext());
  }
}
