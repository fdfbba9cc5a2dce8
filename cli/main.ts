import process from "node:process";
import { openBrowser } from "./open-browser.ts";
import { run } from "./run.ts";

const { env, stderr, stdin, stdout } = process;

// A reader that has seen enough (`zs audit export | head`) is no fault.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  stderr.write(`zs: the answer cannot be written (${error.code ?? "unknown"})\n`);
  process.exit(5);
});

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    interruption.abort();
    process.kill(process.pid, signal); // ends it as if nobody had listened
  });

process.exitCode = await run(process.argv.slice(2), {
  env,
  directory: process.cwd(),
  input: stdin,
  output: stdout,
  openBrowser,
  interrupted: interruption.signal,
  terminal: {
    colour: stdout.isTTY && !env["NO_COLOR"],
    print: (text) => stdout.write(`${text}\n`),
    note: (text) => stderr.write(`${text}\n`),
  },
});
