import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import rhea from "rhea";

/**
 * The parts of rhea 3.0.5 that the broker uses, with the types they really have. Some are internal to it: the version
 * is pinned, and reference tests fail when one of them changes.
 */
export interface RheaContainer extends EventEmitter {
  readonly sasl_server_mechanisms: Record<string, unknown> & { enable_anonymous(): void };
  create_connection(options: object): RheaConnection;
}

export interface RheaConnection extends EventEmitter {
  readonly socket: Socket;
  input(bytes: Buffer): void;
  readonly frame_size: number | undefined;
  accept(socket: Socket): void;
  close(error?: AmqpError): void;
  /** Writes what is waiting now, instead of at the end of this turn. */
  _process(): void;
  _register(): void;
}

export interface RheaSession {
  readonly connection: RheaConnection;
  readonly observers: EventEmitter;
  readonly incoming: { on_transfer(frame: TransferFrame, receiver: RheaReceiver): void };
  readonly outgoing: { available(): number };
  readonly links: Readonly<Record<string, RheaLink>>;
}

export interface TransferFrame {
  readonly performative: { message_format: number | null | undefined; readonly aborted: boolean | null | undefined };
  readonly payload: Buffer | undefined;
}

export interface AmqpError {
  readonly condition: string;
  readonly description: string;
}

export interface Terminus {
  readonly address?: string;
  readonly filter?: Readonly<Record<string, unknown>>;
}

interface Attach {
  max_message_size?: number;
  snd_settle_mode?: number;
  rcv_settle_mode?: number;
  properties?: Readonly<Record<string, unknown>>;
}

export interface RheaLink extends EventEmitter {
  readonly name: string;
  readonly session: RheaSession;
  readonly connection: RheaConnection;
  readonly source: Terminus | null;
  readonly target: Terminus | null;
  readonly properties: Readonly<Record<string, unknown>> | null | undefined;
  readonly snd_settle_mode: number | undefined;
  readonly rcv_settle_mode: number | undefined;
  readonly local: { readonly attach: Attach };
  readonly state: { open_requests: number; local_open: boolean };
  issue_flow: boolean;
  set_source(source: Terminus): void;
  set_target(target: Terminus): void;
  open(): void;
  close(error?: AmqpError): void;
  is_open(): boolean;
  is_sender(): boolean;
}

export interface RheaReceiver extends RheaLink {
  _incomplete: (RheaDelivery & { readonly frames: readonly Buffer[] }) | undefined;
  add_credit(credit: number): void;
}

export interface RheaSender extends RheaLink {
  credit: number;
  delivery_count: number;
  _draining: boolean;
  _drained: boolean;
  _get_drain(): boolean;
  set_drained(drained: boolean): void;
  send(bytes: Buffer | AmqpMessage, tag?: Buffer, format?: number): RheaDelivery;
}

export interface RheaDelivery {
  readonly id: number;
  readonly tag: Buffer;
  readonly link: RheaLink;
  settled: boolean;
  remote_settled: boolean;
  readonly remote_state: { readonly value?: readonly unknown[] } | undefined;
  data: readonly Buffer[];
  update(settled: boolean, state: unknown): void;
}

/** A decoded message of the request nodes. */
export interface AmqpMessage {
  readonly message_id?: unknown;
  readonly correlation_id?: unknown;
  readonly reply_to?: string;
  readonly application_properties?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

export interface LinkContext {
  readonly connection: RheaConnection;
  readonly session: RheaSession;
  readonly sender?: RheaSender;
  readonly receiver?: RheaReceiver;
  readonly delivery?: RheaDelivery;
  readonly message?: Buffer | AmqpMessage;
  readonly format?: number;
}

/** A value with its AMQP type. */
export interface Typed {
  readonly type: { readonly typecode: number };
  readonly value: unknown;
}

interface RheaTypes {
  wrap_int(value: number): Typed;
  wrap_uint(value: number): Typed;
  wrap_long(value: number | Buffer): Typed;
  wrap_timestamp(value: number): Typed;
  wrap_uuid(value: Buffer): Typed;
  wrap_binary(value: Buffer): Typed;
  wrap_symbol(value: string): Typed;
  wrap_string(value: string): Typed;
  wrap_array(values: readonly unknown[], code: number): Typed;
  wrap_list(values: readonly unknown[]): Typed;
  wrap(value: unknown): Typed;
  Long(value: Buffer): Typed;
  readonly Writer: new () => { write(value: Typed): void; toBuffer(): Buffer };
}

interface Outcomes {
  accepted(): { described(): unknown };
  released(): { described(): unknown };
  modified(fields: object): { described(): unknown };
  rejected(fields: { readonly error?: AmqpError }): { described(): unknown };
}

const library = rhea as unknown as {
  create_container(options: object): RheaContainer;
  readonly types: RheaTypes;
  readonly message: Outcomes;
};

export const types = library.types;
export const createContainer = (options: object): RheaContainer => library.create_container(options);

/** Outcomes on the wire; they are only read, so one of each is enough. */
export const ACCEPTED = library.message.accepted().described();
export const RELEASED = library.message.released().described();
export const MODIFIED = library.message.modified({}).described();
export const REJECTED = library.message.rejected({}).described();
export const rejectedWith = (error: AmqpError): unknown => library.message.rejected({ error }).described();
