import { html, raw } from "hono/html";
import type { Client, KoaContextWithOIDC } from "oidc-provider";
import { applicationName } from "./applications.ts";
import { alert, page, type Html } from "./pages.ts";

/** The page where a person types the code that a device shows. `form` is `oidc-provider`'s, with its own protection. */
export async function enterDeviceCode(
  ctx: KoaContextWithOIDC,
  form: string,
  _out?: unknown,
  error?: Readonly<{ name: string; message: string }>,
): Promise<void> {
  const problem = error && { code: error.name, message: "This code is not known, has expired or was used." };
  await show(
    ctx,
    page(
      "Enter the code of your device",
      html`${alert(problem)} ${raw(form)} <button type="submit" form="op.deviceInputForm">Next</button>`,
    ),
  );
}

/** The page that asks whether the code is really the one on the person's own device. */
export async function confirmDevice(
  ctx: KoaContextWithOIDC,
  form: string,
  client: Client,
  _deviceInfo: unknown,
  userCode: string,
): Promise<void> {
  await show(
    ctx,
    page(
      `Are you trying to sign in to ${applicationName(client.clientId)}?`,
      html`<p>Your device shows <code>${userCode}</code>. Continue only if you started this yourself.</p>
        ${raw(form)}
        <button type="submit" form="op.deviceConfirmForm">Continue</button>
        <button class="other" type="submit" form="op.deviceConfirmForm" name="abort" value="yes">Cancel</button>`,
    ),
  );
}

export const deviceDone = (ctx: KoaContextWithOIDC): Promise<void> =>
  show(ctx, page("You have signed in on your device", html`<p data-step="done">You may close this page.</p>`));

async function show(ctx: KoaContextWithOIDC, content: Html): Promise<void> {
  ctx.type = "html";
  ctx.body = String(await content);
}
