import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainText } from "../../local/testing/app-visitor.ts";
import { checkpointKeyId, teamGets, verifyTexts } from "../support/audit-files.ts";
import { LocalVault } from "../support/local-vault.ts";
import { itKeptItsPromises } from "../support/promises-kept.ts";
import { ADA_GLOBAL, HUGO_EXCHANGE, MINUTE_MS, RunningApp } from "../support/running-app.ts";
import { useStack } from "../support/stack.ts";
import { jsonOf, storedRows } from "../support/stored-rows.ts";

/** The id of the key that signed a link. */
const linkKeyOf = (link: string): number | undefined => Buffer.from(link.split("/l/")[1] ?? "", "base64url")[1];
const newPem = (): string =>
  generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  }).privateKey;

describe("the rotation of keys", () => {
  const stack = useStack({ split: false }); // keys are changed in one process that holds them all
  const app = (): RunningApp => new RunningApp(stack());
  const next = { link: randomBytes(32).toString("base64"), mac: randomBytes(32).toString("base64") };
  let vault: LocalVault;
  beforeAll(async () => {
    vault = await LocalVault.start();
  });
  afterAll(() => vault.stop());

  const secrets = (): Readonly<Record<string, string>> =>
    (
      JSON.parse(readFileSync(join(stack().dataDirectory, "secrets.json"), "utf8")) as {
        readonly secrets: Readonly<Record<string, string>>;
      }
    ).secrets;
  async function restartWith(settings: Readonly<Record<string, string>>): Promise<void> {
    await stack().stopProcess("host");
    stack().configure(settings);
    await stack().start("host");
  }
  const rejected = (): boolean =>
    readFileSync(join(stack().dataDirectory, "host.log"), "utf8").includes('\\"message\\":\\"tampering\\"');
  const macKeysOf = async (id: string): Promise<ReadonlySet<string>> =>
    new Set(
      (await storedRows(stack(), "activations", id))
        .map((row) => jsonOf(row) as { readonly mac?: string })
        .flatMap(({ mac }) => (mac === undefined ? [] : [mac.split(".")[0] ?? ""])),
    );

  let acceptedAt: unknown;
  let over: { readonly ticket: string; readonly id: string; readonly links: readonly string[] };

  it("leaves an open request, its links and its seals valid under two keys", async () => {
    const ticket = await app().askFor(ADA_GLOBAL);
    const { id } = await app().activation(ticket);
    const link = await app().linkTo("cora.lindt", ticket);
    expect(linkKeyOf(link)).toBe(1);
    const [accepted] = await app().audit("policy");
    acceptedAt = accepted?.at;
    await restartWith({
      LINK_KEYS: `2:${next.link},1:${secrets()["linkKey"] ?? ""}`,
      MAC_KEYS: `2:${next.mac},1:${secrets()["macKey"] ?? ""}`,
    });
    expect(await app().status(ticket)).toBe("AwaitingApproval");
    expect([...(await macKeysOf(id))]).toEqual(["1"]);
    expect((await app().decide("cora.lindt", ticket)).status).toBe(200);
    await stack().settle();
    expect(await app().status(ticket)).toBe("Active");
    expect([...(await macKeysOf(id))].toSorted()).toEqual(["1", "2"]);
    await stack().clock.advance(125 * MINUTE_MS);
    expect(await app().status(ticket)).toBe("Ended");
    over = { ticket, id, links: [link, await app().linkTo("ada.byron", ticket)] };
  });

  it("signs new links and seals with the new key alone, so that the old one may go", async () => {
    const ticket = await app().askFor(HUGO_EXCHANGE);
    const { id } = await app().activation(ticket);
    const [approver = ""] = HUGO_EXCHANGE.approvers;
    expect(linkKeyOf(await app().linkTo(approver, ticket))).toBe(2);
    expect([...(await macKeysOf(id))]).toEqual(["2"]);
    await restartWith({ LINK_KEYS: `2:${next.link}`, MAC_KEYS: `2:${next.mac}` });
    await app().decide(approver, ticket);
    await stack().settle();
    expect(await app().status(ticket)).toBe("Active");
  });

  it("says of links of the old key that they are not ours, and shows what is over as before", async () => {
    for (const link of over.links) {
      const page = await app().dailyOf("cora.lindt").open(link);
      expect(page.status).toBe(404);
      expect(plainText(page.text)).toContain("is not one of ours");
    }
    await stack().clock.advance(20 * MINUTE_MS);
    expect(await app().status(over.ticket)).toBe("Ended");
    expect(await app().pageText("ada.byron", over.ticket)).toContain("Global Administrator");
    expect(rejected()).toBe(false);
  });

  it("keeps the policy accepted, under the new key, by those who accepted it", async () => {
    const [row, ...others] = await storedRows(stack(), "controls", "policy");
    const { body, mac } = jsonOf(row ?? {}) as { readonly body: string; readonly mac: string };
    expect(others).toEqual([]);
    expect(mac).toMatch(/^2\./);
    expect(JSON.parse(body)).toMatchObject({ at: acceptedAt });
  });

  it("changes the checkpoint key, into a vault too: the trail verifies with all keys named, and not without one", async () => {
    const keyIds = [await checkpointKeyId(stack())];
    for (const key of [{ CHECKPOINT_KEY: newPem() }, { CHECKPOINT_KEY: "", CHECKPOINT_KEY_ID: vault.keyId }]) {
      await restartWith(key);
      keyIds.push(await checkpointKeyId(stack()));
      await app().decide("cora.lindt", await app().askFor(ADA_GLOBAL), "deny");
      await stack().clock.advance(10 * MINUTE_MS);
    }
    expect(new Set(keyIds).size).toBe(3);
    expect([...vault.audiences]).toEqual(["https://vault.azure.net"]);
    const trail = await teamGets(stack(), "/api/audit");
    const known = keyIds.map((id) => id ?? "");
    expect(await verifyTexts({ trail }, known)).toMatchObject({ exitCode: 0 });
    for (const left of known) {
      const { exitCode, stdout } = await verifyTexts(
        { trail },
        known.filter((id) => id !== left),
      );
      expect(exitCode).toBe(1);
      expect(stdout).toContain("it is signed with a key that is not trusted");
    }
  });

  it("shows the key of another part, without holding it", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = privateKey.export({ format: "jwk" });
    await restartWith({
      CHECKPOINT_KEY_ID: "",
      CHECKPOINT_PUBLIC_KEY: publicKey.export({ type: "spki", format: "pem" }).toString(),
    });
    const { keys } = JSON.parse(await teamGets(stack(), "/api/audit/keys")) as { readonly keys: readonly object[] };
    expect(keys).toMatchObject([{ kty: "EC", crv: "P-256", x, y }]);
  });

  itKeptItsPromises(app);
});
