import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";

/** An HTTP function as a plain function of its request. */
export type Handler = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;
