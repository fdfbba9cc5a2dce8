import { parsePrincipalId } from "../domain/ids.ts";
import type { z } from "zod";
import { list, map, matching, named, shortText, textForm } from "./policy-forms.ts";

export const objectId = textForm("the object id of an account or group (a GUID)", parsePrincipalId);

export const mailAddress = matching("a mail address", /^[^\s@<>,;:"]{1,64}@[^\s@<>,;:"]{1,180}\.[^\s@<>,;:"]{2,63}$/);

/** The shape of `people.yaml`. */
export const PEOPLE_FILE = map({
  people: named(
    "lower-case letters, digits, dots and hyphens, such as ada.byron",
    /^[a-z0-9][a-z0-9.-]{0,63}$/,
    map({
      name: shortText(100),
      mail: mailAddress,
      daily: objectId,
      admin: list(objectId, 0).default([]),
      servicenow: matching("a ServiceNow sys_id (32 hexadecimal digits, in quotes)", /^[0-9a-f]{32}$/).optional(),
      jira: matching("a Jira account id (in quotes)", /^[A-Za-z0-9:_-]{8,128}$/).optional(),
    }),
  ),
});

export type PeopleFile = z.infer<typeof PEOPLE_FILE>;
