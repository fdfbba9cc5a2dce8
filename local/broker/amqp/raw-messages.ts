import { parseAddress } from "./addresses.ts";
import { tooLarge } from "./errors.ts";
import type { RheaReceiver, RheaSession, TransferFrame } from "./rhea.ts";

/** A format that rhea does not decode, for the messages of entities: their bytes are kept as they are. */
const RAW_FORMAT = 0x01;
/** Of a request to a node: it may carry a batch of messages to schedule. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/** Makes rhea hand over messages to entities undecoded, and bounds what a client may let pile up in one of them. */
export function keepRawMessages(session: RheaSession): void {
  const { incoming } = session;
  const onTransfer = incoming.on_transfer.bind(incoming);
  incoming.on_transfer = (frame, receiver) => {
    const isEntity = parseAddress(receiver.target?.address ?? "").node === "entity";
    const { performative } = frame;
    if (isEntity) performative.message_format = performative.message_format || RAW_FORMAT;
    else performative.message_format = 0;
    if (performative.aborted === true) {
      abort(receiver);
      return;
    }
    if (receiver.is_open() && !isTooLong(frame, receiver)) onTransfer(frame, receiver);
  };
}

/** What came of the delivery so far is forgotten; it counts as never sent. */
function abort(receiver: RheaReceiver): void {
  if (receiver._incomplete) receiver._incomplete.settled = true;
  receiver._incomplete = undefined;
}

function isTooLong({ payload }: TransferFrame, receiver: RheaReceiver): boolean {
  if (!receiver._incomplete) return false; // a whole message is refused as such
  const before = receiver._incomplete.frames.reduce((sum, { length }) => sum + length, 0);
  const bytes = before + (payload?.length ?? 0);
  const limit = receiver.local.attach.max_message_size ?? MAX_REQUEST_BYTES;
  if (bytes <= limit) return false;
  abort(receiver);
  receiver.close(tooLarge(bytes, limit));
  return true;
}
