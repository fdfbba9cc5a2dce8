import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { activationMessageSchema } from "../shared/contracts/activation-message.ts";

/** `npm run docs`: writes what the code publishes of itself; a test compares. */
const schema = `${JSON.stringify(activationMessageSchema(), null, 2)}\n`;
writeFileSync(join(import.meta.dirname, "activation-message.schema.json"), schema);
