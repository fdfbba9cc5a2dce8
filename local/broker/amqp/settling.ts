import { ACCEPTED, type RheaDelivery } from "./rhea.ts";

/**
 * Settles what a client sent. rhea merges neighbouring outcomes of one turn without comparing the first two: all but
 * accepted ones are written alone.
 */
export function settleIncoming(delivery: RheaDelivery, state: unknown): void {
  alone(delivery, state, () => delivery.update(true, state));
}

/** Settles what a client received, and lets rhea forget it: it waits for the other side to settle first. */
export function settleOutgoing(delivery: RheaDelivery, state: unknown): void {
  alone(delivery, state, () => {
    delivery.update(true, state);
    delivery.remote_settled = true;
    delivery.data = [];
  });
}

function alone(delivery: RheaDelivery, state: unknown, settle: () => void): void {
  const { connection } = delivery.link;
  if (state === ACCEPTED) {
    settle();
    return;
  }
  connection._process();
  settle();
  connection._process();
}
