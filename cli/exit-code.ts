/** What `zs` answers to the shell; `zs --help` lists them for people. */
export const ExitCode = {
  Ok: 0,
  /** Refused by the rules, not found, or a verification failed. */
  Refused: 1,
  /** Wrong usage, settings or input; nothing was sent, or the service could not read it. */
  Usage: 2,
  NotSignedIn: 3,
  Unavailable: 4,
  /** A fault of `zs` itself. */
  Fault: 5,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Ends the command with one line on stderr. `code` is stable; the message is for people. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly code: string;

  constructor(exitCode: ExitCode, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.code = code;
  }
}

export const usageError = (message: string): CliError => new CliError(ExitCode.Usage, "WrongUsage", message);

export const unavailable = (message: string, cause?: unknown): CliError =>
  new CliError(ExitCode.Unavailable, "Unavailable", message, { cause });

export const notSignedIn = (message: string, cause?: unknown): CliError =>
  new CliError(ExitCode.NotSignedIn, "NotSignedIn", message, { cause });
