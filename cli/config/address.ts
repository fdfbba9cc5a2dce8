import { usageError } from "../exit-code.ts";

/** Whether an address may be sent secrets or opened: https, or http with a literal loopback address. */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return (
    username === "" && password === "" && (protocol === "https:" || (protocol === "http:" && isLoopback(hostname)))
  );
}

export const isLoopbackAddress = (text: string): boolean => URL.canParse(text) && isLoopback(new URL(text).hostname);

/** The parser of `URL` has brought other spellings (`127.1`) into this form already. */
const isLoopback = (hostname: string): boolean => /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === "[::1]";

/** An address of a service without a trailing slash. @throws CliError that names the setting */
export function readAddress(name: string, text: string): string {
  if (!isSafeAddress(text))
    throw usageError(`${name} must be an https address, or http with a literal loopback address: ${text}`);
  const { origin, pathname, search, hash } = new URL(text);
  if (search !== "" || hash !== "") throw usageError(`${name} must have no query and no fragment: ${text}`);
  return origin + pathname.replace(/\/+$/, "");
}
