import { ACCOUNTS, adminId, dailyId, DOMAIN, PEOPLE } from "../seed.ts";

/** A user object of the tenant as the directory and the identity provider know it at the start. */
export interface SeedAccount {
  readonly objectId: string;
  readonly userName: string;
  readonly displayName: string;
  readonly enabled: boolean;
}

const account = (objectId: string, localPart: string, displayName: string, enabled = true): SeedAccount => ({
  objectId,
  userName: `${localPart}@${DOMAIN}`,
  displayName,
  enabled,
});

/** Every user of the tenant: daily and admin accounts of the people, and the accounts that are nobody's ordinary one. */
export const SEED_ACCOUNTS: readonly SeedAccount[] = [
  ...PEOPLE.map(({ n, key, name }) => account(dailyId(n), key, name)),
  ...PEOPLE.filter(({ admin }) => admin).map(({ n, key, name }) =>
    account(adminId(n), `adm-${key}`, `${name} (admin)`),
  ),
  account(ACCOUNTS.adaSecondAdmin, "adm2-ada.byron", "Ada Byron (second admin)"),
  account(ACCOUNTS.breakGlass1, "break-glass-1", "Break Glass 1"),
  account(ACCOUNTS.breakGlass2, "break-glass-2", "Break Glass 2"),
  account(ACCOUNTS.guest, "guest_partner.example#EXT#", "Guest of Partner"),
  account(ACCOUNTS.disabled, "adm-former.colleague", "Former Colleague (admin)", false),
  account(ACCOUNTS.orphan, "adm-nobody", "Account of nobody"),
  account(ACCOUNTS.syncAccount, "sync_directory", "On-Premises Directory Synchronization Service Account"),
  account(ACCOUNTS.mailSender, "zero-standing", "Zero Standing"),
];
