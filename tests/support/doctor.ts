import { expect } from "vitest";
import { APPS, dailyId, RESOURCE_GROUP, SUBSCRIPTION_ID } from "../../local/seed.ts";
import type { Stack } from "../../local/stack/stack.ts";
import { emptyFolder, runZs } from "./run-zs.ts";

/** Is in the identity team. */
export const DEV = 4;
/** Owns the resource group. */
export const EVA = 5;
export const HUGO = 8;

interface Answer {
  readonly results: readonly {
    readonly where: string;
    readonly check: string;
    readonly result: string;
    readonly text: string;
    readonly next: string;
  }[];
  readonly administrators: readonly { readonly name: string; readonly because: string | null }[];
}

/** `zs doctor` against the stack of a suite. */
export function doctorOf(stack: () => Stack) {
  async function zs(words: readonly string[] = [], person = DEV, azurePerson = EVA) {
    const oid = dailyId(person);
    const { app, azure } = stack().addresses;
    return runZs(["doctor", ...words], {
      directory: emptyFolder(),
      env: {
        ZS_API_URL: app,
        ZS_ACCESS_TOKEN: (await stack().call("login", "mint", { oid })) as string,
        ZS_AZURE_URL: azure,
        ZS_AZURE_SUBSCRIPTION: SUBSCRIPTION_ID,
        ZS_AZURE_RESOURCE_GROUP: RESOURCE_GROUP,
        AZURE_ACCESS_TOKEN: (await stack().call("login", "mint", {
          oid: dailyId(azurePerson),
          audience: azure,
        })) as string,
      },
    });
  }

  /** What is wrong, in words; the exit code says so too, and each has a next step. */
  async function found(result: unknown = "fault", azurePerson = EVA): Promise<readonly string[]> {
    const { exitCode, stdout, stderr } = await zs(["--json"], DEV, azurePerson);
    expect(stderr).toBe("");
    const { results } = JSON.parse(stdout) as Answer;
    const faults = results.filter((one) => one.result === "fault");
    expect(exitCode).toBe(faults.length === 0 ? 0 : 1);
    for (const { next } of faults) expect(next).not.toBe("");
    return results.filter((one) => one.result === result).map(({ check, text }) => `${check}: ${text}`);
  }
  return { zs, found };
}

/** What is found while something is wrong; it is put right again whatever comes of it. */
export async function during<T>(
  seed: () => Promise<unknown>,
  undo: () => Promise<unknown>,
  look: () => Promise<T>,
): Promise<T> {
  await seed();
  try {
    return await look();
  } finally {
    await undo();
  }
}

/** What the directory gives to the app's identity; `inToken`: what it has at its next start too. */
export const grantOf =
  (stack: () => Stack) =>
  async (change: (held: readonly string[]) => readonly string[], inToken = false): Promise<void> => {
    const permissions = change(APPS.worker.permissions);
    await stack().call("graph", "setApp", { id: APPS.worker.objectId, permissions });
    if (!inToken) return;
    await stack().call("login", "setPermissions", { clientId: APPS.worker.clientId, permissions });
    await stack().stopProcess("host");
    await stack().start("host");
  };
