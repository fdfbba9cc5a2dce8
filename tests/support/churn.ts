import { boundGarbage } from "../../functions/heap.ts";

/**
 * A process that keeps some objects for good and lets many more die in middle age, as pages of a long list do. Prints the most
 * that its heap took; with the word `bounded`, garbage is bounded first.
 */
const KEPT = 30;
const ROUNDS = 600;
const IN_USE = 8;

const page = (round: number): readonly object[] =>
  Array.from({ length: 10_000 }, (_, index) => ({ id: `${round}-${index}`, at: index }));

if (process.argv[2] === "bounded") boundGarbage();
const kept = Array.from({ length: KEPT }, (_, round) => page(-round));
const inUse: (readonly object[])[] = [];
let most = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  inUse[round % IN_USE] = page(round);
  most = Math.max(most, process.memoryUsage().heapTotal);
}
process.stdout.write(JSON.stringify({ kept: kept.length, most }));
