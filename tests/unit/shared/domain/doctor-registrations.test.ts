import { describe, expect, it } from "vitest";
import {
  judgeApiRegistration,
  judgeSignInRegistration,
  type RegistrationFacts,
} from "../../../../shared/domain/doctor-registrations.ts";

const CALLBACK = "https://app.example/api/sign-in/callback";
const facts = (changes: Partial<RegistrationFacts> = {}): RegistrationFacts => ({
  name: "sign-in",
  credentials: [{ kind: "secret", name: "one" }],
  redirectUris: [CALLBACK],
  implicit: false,
  ...changes,
});
const said = (changes: Partial<RegistrationFacts>): readonly string[] =>
  judgeSignInRegistration(facts(changes), CALLBACK).map(({ result, text }) => `${result}: ${text}`);

describe("the registration that people sign in by", () => {
  it("is well with one secret and one address", () => {
    expect(said({})).toEqual(["fine: sign-in answers to the app alone, by one secret."]);
  });

  it("answers to nobody else, however alike the address", () => {
    for (const uri of [`${CALLBACK}/`, "https://app.example.evil.example/api/sign-in/callback", "http://localhost"])
      expect(said({ redirectUris: [CALLBACK, uri] })).toEqual([
        `fault: Sign-ins of sign-in are also answered to ${uri}: whoever is there gets proofs of who signed in.`,
      ]);
  });

  it("gives no token out without a code", () => {
    expect(said({ implicit: true })).toEqual(["fault: sign-in gives tokens out without a code (implicit grant)."]);
  });

  it("has no certificate and trusts no issuer; a second secret is for as long as it is changed", () => {
    expect(
      said({
        credentials: [
          { kind: "secret", name: "one" },
          { kind: "secret", name: "two" },
          { kind: "certificate", name: "cert" },
          { kind: "federated", name: "f", issuer: "https://issuer.example", subject: "me" },
        ],
      }),
    ).toEqual([
      "fault: sign-in is signed in as by whoever knows its certificate cert.",
      "fault: sign-in is signed in as by whoever https://issuer.example calls me (f).",
      "warning: sign-in has 2 client secrets: whoever knows one acts as it.",
    ]);
  });
});

describe("the registration of the API", () => {
  it("has nothing to sign in with", () => {
    expect(judgeApiRegistration(facts({ credentials: [] })).map(({ result }) => result)).toEqual(["fine"]);
    expect(judgeApiRegistration(facts()).map(({ text }) => text)).toEqual([
      "sign-in is signed in as by whoever knows its secret one.",
    ]);
  });

  it("is not well where the directory has none of that id", () => {
    expect(judgeApiRegistration(undefined).map(({ result }) => result)).toEqual(["warning"]);
  });
});
