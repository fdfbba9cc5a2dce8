const DISPLAY = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Berlin",
  dateStyle: "short",
  timeStyle: "medium",
});

/** The raw form of an instant: UTC, seconds, `yyyy-MM-dd HH:mm:ss`. */
export const rawDate = (instant: Date | number | string): string =>
  new Date(instant).toISOString().slice(0, 19).replace("T", " ");

/** A raw date as the integration user sees it: in the user's time zone, which is not UTC. */
export const displayDate = (raw: string): string =>
  raw === "" ? "" : DISPLAY.format(new Date(`${raw.replace(" ", "T")}Z`));
