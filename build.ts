import { writeBuild } from "./packaging/write-build.ts";

/** `npm run build`: the function app in `dist/`, with the checked policy. A wrong policy fails the build with its lines. */
await writeBuild();
