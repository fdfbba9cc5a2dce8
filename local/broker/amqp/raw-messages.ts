import { parseAddress } from "./addresses.ts";
import type { RheaDelivery, RheaReceiver, RheaSession, TransferFrame } from "./rhea.ts";

/** A format that rhea does not decode, for the messages of entities: their bytes are kept as they are. */
const RAW_FORMAT = 0x01;
/** Of a request to a node: it may carry a batch of messages to schedule. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

const sizes = new WeakMap<RheaDelivery, number>();

/** Bytes of a delivery that is longer than its link takes; what is too much of it was not kept. */
export const oversizeOf = (delivery: RheaDelivery): number | undefined => sizes.get(delivery);

/** Makes rhea hand over messages to entities undecoded, and bounds what a client may let pile up in one of them. */
export function keepRawMessages(session: RheaSession): void {
  const { incoming } = session;
  const onTransfer = incoming.on_transfer.bind(incoming);
  incoming.on_transfer = (frame, receiver) => {
    const isEntity = parseAddress(receiver.target?.address ?? "").node === "entity";
    const { performative } = frame;
    performative.message_format = isEntity ? performative.message_format || RAW_FORMAT : 0;
    if (performative.aborted === true) abort(receiver);
    else onTransfer(bounded(frame, receiver), receiver);
  };
}

/** What came of the delivery so far is forgotten; it counts as never sent. */
function abort(receiver: RheaReceiver): void {
  if (receiver._incomplete) receiver._incomplete.settled = true;
  receiver._incomplete = undefined;
}

/** A delivery that grows too long is counted on, but no more of it is kept. */
function bounded(frame: TransferFrame, receiver: RheaReceiver): TransferFrame {
  const delivery = receiver._incomplete;
  if (!delivery) return frame; // a single frame is not longer than a frame may be
  const before = sizes.get(delivery) ?? delivery.frames.reduce((sum, { length }) => sum + length, 0);
  const bytes = before + (frame.payload?.length ?? 0);
  if (bytes <= (receiver.local.attach.max_message_size ?? MAX_REQUEST_BYTES)) return frame;
  sizes.set(delivery, bytes);
  return { performative: frame.performative, payload: Buffer.alloc(0) };
}
