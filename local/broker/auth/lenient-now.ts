/**
 * The instant by which tokens expire: the machine's or the stack's, whichever is earlier. A client outside the stack
 * does not know of a moved clock, and makes its tokens by its own.
 */
export const lenientNow = (): number => Math.min(Date.now(), performance.timeOrigin + performance.now());
