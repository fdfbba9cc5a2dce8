import fc from "fast-check";

/** The usual run takes the same sample every time; `npm run test:long` takes another one each time and prints its seed. */
fc.configureGlobal({ seed: 20_261_124 });
