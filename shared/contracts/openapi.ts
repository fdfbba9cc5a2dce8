import * as z from "zod";
import { REASONS, type ReasonCode } from "../domain/reasons.ts";
import { activationList, activationView } from "./activation-view.ts";
import {
  changeView,
  eligibilityBody,
  eligibilityList,
  settingsBody,
  settingsPreview,
  waveBody,
  wavePreview,
  acceptPolicyBody,
  policyView,
} from "./change.ts";
import { auditLine, checkpointKeys } from "./checkpoint.ts";
import { doctorView, principalList } from "./doctor.ts";
import { baselineView, findingList } from "./finding.ts";
import { freezeBody, freezeView } from "./freeze.ts";
import { healthView } from "./health.ts";
import { jiraAutomationDelivery, jiraDelivery } from "./jira-delivery.ts";
import { discardedMessage, keptMessageList, keptMessageView, resubmittedMessage } from "./kept-message.ts";
import { PATHS, type Operation } from "./openapi-paths.ts";
import { policySimulation, simulatePolicyBody } from "./policy-simulation.ts";
import { problemBody, PROBLEMS } from "./problem.ts";
import { requestActivationBody } from "./request-activation.ts";
import { campaignList, campaignReport } from "./review.ts";
import { servicenowDelivery } from "./servicenow-delivery.ts";
import { postureView, standingPlanView } from "./standing.ts";
import { signInAnswer } from "./sign-in-answer.ts";

type Json = Readonly<Record<string, unknown>>;

/** The schemas that the doors themselves check with, by their names in the document. */
const SCHEMAS = {
  RequestActivation: requestActivationBody,
  ActivationView: activationView,
  ActivationList: activationList,
  Freeze: freezeBody,
  FreezeView: freezeView,
  KeptMessageList: keptMessageList,
  KeptMessage: keptMessageView,
  ResubmittedMessage: resubmittedMessage,
  DiscardedMessage: discardedMessage,
  Change: changeView,
  Wave: waveBody,
  WavePreview: wavePreview,
  SettingsChange: settingsBody,
  SettingsPreview: settingsPreview,
  Policy: policyView,
  AcceptPolicy: acceptPolicyBody,
  SimulatePolicy: simulatePolicyBody,
  PolicySimulation: policySimulation,
  EligibilityChange: eligibilityBody,
  EligibilityList: eligibilityList,
  FindingList: findingList,
  Baseline: baselineView,
  Doctor: doctorView,
  PrincipalList: principalList,
  CampaignList: campaignList,
  CampaignReport: campaignReport,
  Posture: postureView,
  StandingPlan: standingPlanView,
  AuditLine: auditLine,
  CheckpointKeys: checkpointKeys,
  ServiceNowDelivery: servicenowDelivery,
  JiraDelivery: z.union([jiraDelivery, jiraAutomationDelivery]),
  SignInAnswer: signInAnswer,
  Health: healthView,
  Problem: problemBody,
} satisfies Record<string, z.ZodType>;

const SECURITY_SCHEMES = {
  person: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "An access token of Entra ID for this API that a person got through a listed client.",
  },
  servicenow: { type: "apiKey", in: "header", name: "X-Jit-Signature" },
  jira: { type: "apiKey", in: "header", name: "X-Hub-Signature" },
  jiraAutomation: { type: "apiKey", in: "header", name: "X-Automation-Secret" },
} as const;

/** The OpenAPI 3.1 document of every HTTP route, made from the schemas in use. Pure. */
export function openApiDocument(publicUrl: string, reasonStatus: Readonly<Record<ReasonCode, number>>): Json {
  return {
    openapi: "3.1.0",
    info: {
      title: "Zero Standing",
      version: "1",
      description: "Just-in-time admin roles for Microsoft Entra ID. Instants are ISO 8601 in UTC, durations ISO 8601.",
    },
    servers: [{ url: publicUrl }],
    paths: Object.fromEntries(
      Object.entries(PATHS).map(([path, { get, post }]) => [
        path,
        { ...(get && { get: operation(get) }), ...(post && { post: operation(post) }) },
      ]),
    ),
    components: {
      schemas: Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, jsonSchema(schema)])),
      responses: problemResponses(reasonStatus),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function operation({ body, success, problems, security, ...rest }: Operation): Json {
  return {
    ...rest,
    security: security.map((scheme) => ({ [scheme]: [] })),
    ...(body && { requestBody: { required: true, content: content(body.media, body.schema) } }),
    responses: {
      [success.status]: {
        description: success.description,
        ...(success.headers && { headers: success.headers }),
        ...(success.media !== undefined && { content: content(success.media, success.schema) }),
      },
      ...Object.fromEntries(
        problems.map((status) => [status, { $ref: `#/components/responses/${responseName(status)}` }]),
      ),
    },
  };
}

const content = (media: string, schema: string | undefined): Json => ({
  [media]: { schema: schema === undefined ? { type: media === "text/html" ? "string" : "object" } : refTo(schema) },
});

const refTo = (schema: string): Json => ({ $ref: `#/components/schemas/${schema}` });

const responseName = (status: number): string => `Problem${status}`;

/** What is sent is described as the door takes it, before it is parsed. */
function jsonSchema(schema: z.ZodType): Json {
  const described = Object.entries(z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" }));
  return Object.fromEntries(described.filter(([keyword]) => keyword !== "$schema" && keyword !== "~standard"));
}

/** One response per status, with every code that can come with it and what the code means. */
function problemResponses(reasonStatus: Readonly<Record<ReasonCode, number>>): Json {
  const codes = [
    ...Object.entries(PROBLEMS).map(([code, [status, title]]) => ({ code, status, title })),
    ...Object.entries(reasonStatus).map(([code, status]) => ({ code, status, title: REASONS[code as ReasonCode] })),
  ];
  const byStatus = Map.groupBy(codes, ({ status }) => status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      responseName(status),
      {
        description: group.map(({ code, title }) => `\`${code}\`: ${title}`).join("\n\n"),
        content: {
          "application/problem+json": {
            schema: {
              allOf: [refTo("Problem")],
              properties: { status: { const: status }, code: { enum: group.map(({ code }) => code) } },
            },
          },
        },
      },
    ]),
  );
}
