import type { Story } from "./story.ts";
import type { World } from "./world.ts";

/** One chapter of the demo. What it promises, it checks through `story.promise`. */
export interface Scene {
  readonly id: string;
  readonly title: string;
  readonly intro: string;
  play(world: World, story: Story): Promise<void>;
}
