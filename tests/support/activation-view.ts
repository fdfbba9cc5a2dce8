import type { ActivationView } from "../../shared/contracts/activation-view.ts";

/** An activation that waits for approval, as the service shows it; only what matters is given. */
export const anActivationView = (changes: Partial<ActivationView> = {}): ActivationView => ({
  id: "0123456789abcdef0123456789abcdef",
  status: "AwaitingApproval",
  since: "2026-11-24T09:00:00.000Z",
  role: { id: "29232cdf-9323-42fd-ade2-1d097af3e4de", name: "Exchange Administrator" },
  scope: "/",
  person: { key: "ada.byron", name: "Ada Byron" },
  account: "a0000000-0000-4000-8000-000000000001",
  door: "http",
  ticket: { system: "servicenow", number: "CHG0030192" },
  justification: "Move the mailboxes of the branch",
  requestedAt: "2026-11-24T08:55:00.000Z",
  duration: "PT2H",
  until: "2026-11-24T13:00:00.000Z",
  held: null,
  waitingFor: [
    {
      requirement: "Security",
      persons: [
        { key: "cora.lindt", name: "Cora Lindt" },
        { key: "dev.patel", name: "Dev Patel" },
      ],
      since: "2026-11-24T09:00:00.000Z",
    },
  ],
  decisions: [],
  closing: null,
  links: { page: "https://zs.example/activations/0123456789abcdef0123456789abcdef" },
  ...changes,
});
