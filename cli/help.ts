import { COMMON_OPTIONS } from "./arguments.ts";
import type { Command } from "./command.ts";
import { table } from "./output/table.ts";

const INTRODUCTION = `zs: just-in-time admin roles (Zero Standing)

usage: zs COMMAND [options]      zs COMMAND --help tells more about one`;

const SETTINGS = `settings, from the environment, or a JSON file with the same names ($ZS_CONFIG, or zs.json in the folder below):
  ZS_API_URL        address of the service
  ZS_LOGIN_URL      address of the identity provider; https://login.microsoftonline.com if not set
  ZS_TENANT_ID      the tenant
  ZS_CLIENT_ID      client id of this command
  ZS_API_CLIENT_ID  client id of the service: zs asks for api://<id>/access_as_user
  ZS_ACCESS_TOKEN   for scripts: this access token instead of a sign-in; environment only
  ZS_AZURE_SUBSCRIPTION, ZS_AZURE_RESOURCE_GROUP   where the installation is in Azure, for zs doctor
  ZS_AZURE_URL      address of Azure Resource Manager; https://management.azure.com if not set
  AZURE_ACCESS_TOKEN   a token for it, as az account get-access-token gives it, instead of the sign-in; environment only
If none is set (tokens aside), .local/stack.json of a running local stack is used. Addresses are https, or http with
a literal loopback address. Tokens are kept in $XDG_CONFIG_HOME/zero-standing/tokens.json (or ~/.config), which only
its owner may read. NO_COLOR turns colours off.`;

const EXIT_CODES = `exit codes:
  0  done
  1  refused, not found, or a verification failed
  2  wrong usage, settings or input
  3  not signed in, or the sign-in failed
  4  the service is not available or does not answer as it should
  5  a fault of zs itself
An error is one line on stderr; with --json it is one JSON object.`;

export const generalHelp = (commands: readonly Command[]): string =>
  [
    INTRODUCTION,
    `commands:\n${indented(commands.map(({ name, summary }) => [name, summary]))}`,
    SETTINGS,
    EXIT_CODES,
  ].join("\n\n");

export function helpFor(command: Command): string {
  const { operand, details, examples } = command;
  const options = { ...command.options, ...COMMON_OPTIONS };
  const rows = Object.entries(options).map(([name, { value, help }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    help,
  ]);
  return [
    `usage: ${usageOf(command)}`,
    details,
    ...(operand ? [`${operand.name}: ${operand.help}`] : []),
    `options:\n${indented(rows)}`,
    ...(examples.length > 0 ? [`examples:\n${examples.map((example) => `  ${example}`).join("\n")}`] : []),
    "zs --help lists the settings and the exit codes.",
  ].join("\n\n");
}

/** Help for a group of commands, such as `audit`. */
export const groupHelp = (group: string, commands: readonly Command[]): string =>
  `usage: zs ${group} COMMAND [options]\n\ncommands:\n${indented(commands.map(({ name, summary }) => [name, summary]))}`;

function usageOf({ name, operand, options }: Command): string {
  const shown = Object.entries(options).map(([option, { value, required }]) => {
    const text = value === undefined ? `--${option}` : `--${option} ${value}`;
    return required ? text : `[${text}]`;
  });
  const operands = operand ? [operand.many ? `${operand.name}...` : operand.name] : [];
  return ["zs", name, ...operands, ...shown, "[--json]"].join(" ");
}

const indented = (rows: readonly (readonly string[])[]): string =>
  table(rows[0] ?? [], rows.slice(1))
    .map((line) => `  ${line}`)
    .join("\n");
