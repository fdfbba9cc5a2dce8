import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import type { Door } from "../door.ts";
import type { Handler } from "./handler.ts";
import { callingPerson, isIdentityTeam, refuseAtDoor, type CallingPerson } from "./person.ts";
import { problem } from "./problem.ts";

/** A handler for members of the identity team; others are refused, on the record where the call may write. */
export const forIdentityTeam =
  (
    door: Door,
    handler: (
      request: HttpRequest,
      caller: CallingPerson,
      context: InvocationContext,
    ) => Promise<HttpResponseInit> | HttpResponseInit,
  ): Handler =>
  async (request, context) => {
    const calling = await callingPerson(door, request);
    if ("answer" in calling) return calling.answer;
    const { caller } = calling;
    if (await isIdentityTeam(door, caller.person)) return handler(request, caller, context);
    if (request.method === "GET" || request.method === "HEAD") return problem("Forbidden"); // a GET changes nothing (I11)
    return refuseAtDoor(door, caller.account, { reason: "Forbidden" });
  };
