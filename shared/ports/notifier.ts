/** Sends one mail; 202 of the mail system is no proof of delivery. Not idempotent. @throws DependencyError */
export interface Notifier {
  mail(message: { readonly to: readonly string[]; readonly subject: string; readonly html: string }): Promise<void>;
}
