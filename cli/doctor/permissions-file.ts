import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { permissionName } from "../../shared/contracts/doctor.ts";
import { parsePrincipalId } from "../../shared/domain/ids.ts";
import { usageError } from "../exit-code.ts";

const part = z.looseObject({
  graph: z.record(permissionName, z.string()),
  /** Only where the policy asks for it. */
  graphWhen: z.strictObject({ reviewsInEntra: z.record(permissionName, z.string()).default({}) }).prefault({}),
  tables: z.record(z.string(), z.enum(["read", "append", "write"])).default({}),
  queues: z.record(z.string(), z.array(z.enum(["send", "listen"]))).default({}),
  secrets: z.array(z.string()).default([]),
});

const permissionsFile = z.looseObject({
  parts: z.object({ front: part, worker: part, sweeper: part }),
  /** What the apps may have besides their own settings, each with the reason. */
  settings: z
    .record(z.string(), z.string().min(1))
    .nullish()
    .transform((listed) => listed ?? {}),
  administrators: z
    .array(
      z.strictObject({
        principal: z.string().transform((text, context) => {
          const id = parsePrincipalId(text);
          if (id) return id;
          context.addIssue("is not an object id");
          return z.NEVER;
        }),
        name: z.string().min(1),
        because: z.string().min(1),
        /** Listed for what has to be activated first and nothing in force; or for sending messages and nothing else. */
        only: z.enum(["eligible", "messages"]).optional(),
        /** Of an application: how anybody may sign in as it. */
        signsInBy: z
          .array(
            z.union([
              z.strictObject({ issuer: z.string(), subject: z.string() }),
              z.strictObject({ credential: z.enum(["secret", "certificate"]) }),
            ]),
          )
          .optional(),
      }),
    )
    .nullable()
    .transform((list) => list ?? []),
});

/** What each part may do and who may administer them, by `infra/permissions.yaml`. */
export type PermissionsFile = z.output<typeof permissionsFile>;

/** The file of this checkout, unless another one is named. */
const OWN = resolve(import.meta.dirname, "../../infra/permissions.yaml");

/** @throws CliError that names what is wrong with the file */
export function readPermissionsFile(named: string | undefined): PermissionsFile {
  const file = named ?? OWN;
  const parsed = permissionsFile.safeParse(yamlOf(file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw usageError(`${file}: ${[issue?.path.join("."), issue?.message].filter(Boolean).join(" ")}`);
}

function yamlOf(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw usageError(`${file} cannot be read; --permissions names another one`);
  }
  try {
    return parse(text);
  } catch {
    throw usageError(`${file} is not YAML`);
  }
}
