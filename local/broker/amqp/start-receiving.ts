import type { Entity } from "../model/entity.ts";
import type { SessionLock } from "../model/message.ts";
import type { Door } from "./door.ts";
import { NO_SESSION_FREE, notAllowed, SESSION_LOST, sessionHeld } from "./errors.ts";
import { whenLinkEnds } from "./link-end.ts";
import { ReceivingClient } from "./receiving-client.ts";
import { types, type AmqpError, type RheaSender } from "./rhea.ts";

const SESSION_FILTER = "com.microsoft:session-filter";
const LOCKED_UNTIL = "com.microsoft:locked-until-utc";
const TIMEOUT = "com.microsoft:timeout";
const DEFAULT_TIMEOUT_MS = 60_000;

/** What a client asks for: no session, one by its id, or the next that has messages. */
type Wish = { readonly kind: "none" } | { readonly kind: "session"; readonly id: string } | { readonly kind: "next" };

/** Opens a link on which a client receives; for the next free session the answer may have to wait. */
export function startReceiving(door: Door, link: RheaSender, entity: Entity): AmqpError | undefined {
  const wish = wishOf(link);
  if (entity.settings.requiresSession !== (wish.kind !== "none")) return wrongKind(entity);
  if (wish.kind === "none") {
    receive(door, link, entity, undefined);
    return undefined;
  }
  const id = wish.kind === "session" ? wish.id : undefined;
  const session = hold(door, link, entity, id);
  if (session) receive(door, link, entity, session);
  else if (id !== undefined) return sessionHeld(id);
  else waitForSession(door, link, entity);
  return undefined;
}

function wishOf(link: RheaSender): Wish {
  const filter = link.source?.filter;
  if (!filter || !(SESSION_FILTER in filter)) return { kind: "none" };
  const wanted = filter[SESSION_FILTER];
  const id = typeof wanted === "object" && wanted !== null && "value" in wanted ? wanted.value : wanted;
  return typeof id === "string" ? { kind: "session", id } : { kind: "next" };
}

const wrongKind = (entity: Entity): AmqpError =>
  notAllowed(
    entity.settings.requiresSession
      ? `It is not possible for an entity that requires sessions to create a non-sessionful message receiver: ${entity.path}`
      : `A sessionful message receiver cannot be created on an entity that does not require sessions: ${entity.path}`,
  );

function hold(door: Door, link: RheaSender, entity: Entity, id: string | undefined): SessionLock | undefined {
  const session = entity.holdSession(id, Date.now(), () => link.close(SESSION_LOST));
  if (session) door.broker.watch();
  return session;
}

/** rhea answers an attach at the end of the turn; here it is held back until there is a session, or time is up. */
function waitForSession(door: Door, link: RheaSender, entity: Entity): void {
  link.state.open_requests -= 1;
  link.state.local_open = false;
  const asked = link.properties?.[TIMEOUT];
  const timeoutMs = typeof asked === "number" ? asked : DEFAULT_TIMEOUT_MS;
  const end = (): void => {
    clearTimeout(timer);
    stop();
  };
  const timer = setTimeout(() => {
    end();
    link.open();
    link.close(NO_SESSION_FREE);
  }, timeoutMs);
  const stop = door.broker.whenReady(entity, () => {
    const session = hold(door, link, entity, undefined);
    if (!session) return;
    end();
    receive(door, link, entity, session);
    link.open();
  });
  whenLinkEnds(link, end);
}

function receive(door: Door, link: RheaSender, entity: Entity, session: SessionLock | undefined): void {
  const { attach } = link.local;
  const removes = link.snd_settle_mode === 1;
  attach.snd_settle_mode = removes ? 1 : 0;
  attach.rcv_settle_mode = removes ? 0 : 1;
  link.set_source({
    address: link.source?.address ?? entity.path,
    ...(session ? { filter: { [SESSION_FILTER]: session.sessionId } } : {}),
  });
  link.set_target({ ...(link.target?.address === undefined ? {} : { address: link.target.address }) });
  if (session) attach.properties = { [LOCKED_UNTIL]: types.Long(ticksOf(session.until)) };
  const client = new ReceivingClient(door, link, entity, session);
  const leave = door.join(client);
  whenLinkEnds(link, () => {
    leave();
    if (session) entity.releaseSession(session, Date.now());
  });
  door.deliver(entity);
}

/** An instant as .NET counts it: tenths of a microsecond since the year 1. */
function ticksOf(ms: number): Buffer {
  const ticks = Buffer.alloc(8);
  ticks.writeBigInt64BE(BigInt(ms) * 10_000n + 621_355_968_000_000_000n);
  return ticks;
}
