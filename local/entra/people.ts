import { z } from "zod";
import { SEED_ACCOUNTS, type SeedAccount } from "./accounts.ts";
import { pairwiseSubject } from "./tokens.ts";

/** How the next sign-ins of one person go. Everything is as it should be unless a test says otherwise. */
const Behaviour = z.object({
  disabled: z.boolean(),
  /** No second factor is set up: what asks for one cannot be completed. */
  mfaRegistered: z.boolean(),
  /** The request on the phone is denied, whatever the page is told. */
  refuseMfa: z.boolean(),
  /** The tokens carry no authentication context although the second factor was shown: a policy that is not on. */
  withoutAcrs: z.boolean(),
  /** `auth_time` lies this long before the sign-in. */
  staleAuthTimeSeconds: z.number().int().nonnegative(),
});

const Change = Behaviour.partial().extend({ oid: z.string().optional(), userName: z.string().optional() }).strict();

/** A person that may sign in. `subject` is the name under which `oidc-provider` knows the account. */
export interface Person extends z.infer<typeof Behaviour> {
  readonly account: SeedAccount;
  readonly subject: string;
}

/** The accounts of the tenant as the identity provider sees them. */
export class People {
  readonly #people: Person[] = SEED_ACCOUNTS.map((account) => ({
    account,
    subject: pairwiseSubject(account.objectId, "sign-in"),
    disabled: !account.enabled,
    mfaRegistered: true,
    refuseMfa: false,
    withoutAcrs: false,
    staleAuthTimeSeconds: 0,
  }));

  get all(): readonly Person[] {
    return this.#people;
  }

  withUserName(userName: string): Person | undefined {
    const wanted = userName.trim().toLowerCase();
    return this.#people.find(({ account }) => account.userName.toLowerCase() === wanted);
  }

  withObjectId(objectId: string): Person | undefined {
    return this.#people.find(({ account }) => account.objectId === objectId);
  }

  withSubject(subject: string): Person | undefined {
    return this.#people.find((person) => person.subject === subject);
  }

  /** Control operation `setPerson`: names the person by `oid` or `userName` and changes what is given. */
  change(parameters: unknown): Person {
    const { oid, userName, ...behaviour } = Change.parse(parameters);
    const person = oid === undefined ? this.withUserName(userName ?? "") : this.withObjectId(oid);
    if (!person) throw new Error(`there is no account ${oid ?? userName ?? "(neither oid nor userName given)"}`);
    return Object.assign(person, behaviour);
  }
}
