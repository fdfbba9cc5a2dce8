import type { PersonKey, PrincipalId } from "./ids.ts";

/** One human being of `policy/people.yaml` with all accounts and contact channels. */
export interface Person {
  readonly key: PersonKey;
  readonly name: string;
  /** The account the person works with every day; messages go to its mailbox. */
  readonly dailyAccount: PrincipalId;
  readonly mail: string;
  /** The accounts that may hold roles. */
  readonly adminAccounts: readonly PrincipalId[];
  readonly servicenowUser?: string;
  readonly jiraAccount?: string;
}

/** Who is who. "Same person" is always asked of this map, never of names or addresses. */
export interface PeopleMap {
  all(): readonly Person[];
  byKey(key: string): Person | undefined;
  byAccount(account: PrincipalId): Person | undefined;
  byTicketUser(system: "servicenow" | "jira", user: string): Person | undefined;
}

export function peopleMap(people: readonly Person[]): PeopleMap {
  const byKey = new Map<string, Person>();
  const byAccount = new Map<string, Person>();
  const byTicketUser = new Map<string, Person>();
  for (const person of people) {
    byKey.set(person.key, person);
    for (const account of [person.dailyAccount, ...person.adminAccounts]) byAccount.set(account, person);
    if (person.servicenowUser !== undefined) byTicketUser.set(`servicenow ${person.servicenowUser}`, person);
    if (person.jiraAccount !== undefined) byTicketUser.set(`jira ${person.jiraAccount}`, person);
  }
  return {
    all: () => people,
    byKey: (key) => byKey.get(key),
    byAccount: (account) => byAccount.get(account),
    byTicketUser: (system, user) => byTicketUser.get(`${system} ${user}`),
  };
}
