import type { HttpRequest } from "@azure/functions";
import * as z from "zod";
import { HOUR_MS, plus } from "../../shared/domain/time.ts";
import { readForm } from "../http/read-form.ts";
import { isSameOrigin } from "../http/same-origin.ts";
import { sealedValue } from "../http/sealed-value.ts";
import type { Form } from "../pages/views.ts";
import type { Front } from "./front.ts";
import type { Viewer } from "./session.ts";

const LIFETIME_MS = HOUR_MS;
const MOST_BYTES = 16_384;

/** What a form was made for: nothing else can be done with it. */
const FormScope = z.object({
  /** Path it is posted to. */
  path: z.string(),
  /** Account of the viewer it was shown to; `""` before a sign-in. */
  viewer: z.string(),
  /** Digest of the request as it was shown; `""` where none was. */
  shown: z.string(),
});

const tokens = ({ linkKeys }: Pick<Front, "linkKeys">) => sealedValue("form", FormScope, linkKeys);

export const makeForm = (
  front: Pick<Front, "linkKeys" | "clock">,
  path: string,
  viewer: Viewer | undefined,
  shown = "",
  lifetimeMs = LIFETIME_MS,
): Form => ({
  action: path,
  token: tokens(front).seal({ path, viewer: viewer?.account ?? "", shown }, plus(front.clock.now(), lifetimeMs)),
});

export interface PostedForm {
  readonly choice: string;
  readonly shown: string;
  readonly fields: Readonly<Partial<Record<string, string>>>;
}

/** A form that we made for this path and viewer, posted from our own page; `undefined` for everything else. */
export async function postedForm(
  front: Pick<Front, "linkKeys" | "clock" | "publicUrl">,
  request: HttpRequest,
  path: string,
  viewer: Viewer | undefined,
  mostBytes = MOST_BYTES,
): Promise<PostedForm | undefined> {
  const posted = await postedByAnybody(front, request, path, mostBytes);
  return posted?.viewer === (viewer?.account ?? "") ? posted : undefined;
}

/** The same, whoever the page was shown to (`viewer`, an account; `""` before a sign-in): the caller judges whether that is enough. */
export async function postedByAnybody(
  front: Pick<Front, "linkKeys" | "clock" | "publicUrl">,
  request: HttpRequest,
  path: string,
  mostBytes = MOST_BYTES,
): Promise<(PostedForm & { readonly viewer: string }) | undefined> {
  if (!isSameOrigin(request, new URL(front.publicUrl).origin)) return undefined;
  const fields = await readForm(request, mostBytes);
  const scope = fields && tokens(front).open(fields["form"], front.clock.now());
  if (scope?.path !== path) return undefined;
  return { viewer: scope.viewer, choice: fields?.["choice"] ?? "", shown: scope.shown, fields: fields ?? {} };
}
