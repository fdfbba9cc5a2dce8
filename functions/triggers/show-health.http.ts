import type { z } from "zod";
import type { healthView } from "../../shared/contracts/health.ts";
import type { Handler } from "../http/handler.ts";
import { json } from "../http/json.ts";

/** `GET /api/health`: answers as soon as settings and policy were read; asks no other system. */
export const showHealth: Handler = async () => json(200, { status: "ok" } satisfies z.output<typeof healthView>);
