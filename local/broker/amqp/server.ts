import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { TokenCheck } from "./cbs.ts";
import { serveConnection } from "./connection.ts";
import type { Door } from "./door.ts";
import { createContainer, type RheaConnection, type RheaContainer } from "./rhea.ts";

const MAX_FRAME_BYTES = 65_536;
const IDLE_TIMEOUT_MS = 120_000;
const UNSETTLED_PER_SESSION = 32_768;

export interface ServerOptions {
  readonly door: Door;
  readonly checkToken: TokenCheck;
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** The AMQP server of a broker. */
export class AmqpServer {
  readonly #options: ServerOptions;
  readonly #container: RheaContainer;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#container = container();
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#server = options.tls ? createTlsServer(options.tls, accept) : createServer(accept);
  }

  /** Answers the port. */
  async listen(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  /** Ends every connection without a word. */
  dropAll(): number {
    const count = this.#sockets.size;
    for (const socket of this.#sockets) socket.destroy();
    return count;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.dropAll();
    await closed;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    const connection = this.#container.create_connection({
      max_frame_size: MAX_FRAME_BYTES,
      idle_time_out: IDLE_TIMEOUT_MS,
      session_buffer_size: UNSETTLED_PER_SESSION,
      receiver_options: { autoaccept: false, credit_window: 0, autosettle: false },
      sender_options: { autosettle: false, treat_modified_as_released: false },
    });
    connection.setMaxListeners(0);
    boundFrames(connection, socket);
    serveConnection(this.#options.door, connection, this.#options.checkToken);
    connection.accept(socket);
  }
}

/** A frame larger than we said we take is not waited for. */
function boundFrames(connection: RheaConnection, socket: Socket): void {
  const input = connection.input.bind(connection);
  connection.input = (bytes) => {
    input(bytes);
    if ((connection.frame_size ?? 0) > MAX_FRAME_BYTES) socket.destroy();
  };
}

/** JavaScript clients come anonymously, .NET and Python ones with MSSBCBS: what counts is the token put later. */
function container(): RheaContainer {
  const made = createContainer({ id: "broker" });
  made.sasl_server_mechanisms.enable_anonymous();
  made.sasl_server_mechanisms["MSSBCBS"] = made.sasl_server_mechanisms["ANONYMOUS"];
  for (const event of ["error", "protocol_error", "connection_error", "disconnected", "session_error"])
    made.on(event, () => undefined); // the connection ends; a broken client is no reason to say anything
  return made;
}
