import { compose } from "./composition.ts";
import { boundGarbage } from "./heap.ts";

/**
 * Registers the functions of the parts of the app that this process is (`APP_PART`), and no others. Each part's functions
 * stand on one page: `parts/front.ts`, `parts/worker.ts`, `parts/sweeper.ts`.
 */
const { front, worker, sweeper } = await compose(process.env);

if (front) (await import("./parts/front.ts")).registerFront(front);
if (worker) (await import("./parts/worker.ts")).registerWorker(worker);
if (sweeper) (await import("./parts/sweeper.ts")).registerSweeper(sweeper);
boundGarbage();
