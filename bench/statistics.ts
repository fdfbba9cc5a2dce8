/** The value below which the share `p` (0 to 1) of the samples lies, between two neighbours in proportion. @throws RangeError without samples */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * p;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError("there are no samples");
  return below + (above - below) * (position - Math.floor(position));
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** Runs every subject in turn, `rounds` times (A B A B …), so that a slow moment of the machine meets all of them. */
export async function interleaved<Name extends string, Sample>(
  rounds: number,
  subjects: Readonly<Record<Name, () => Promise<Sample>>>,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(subjects) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Sample[]>;
  for (let round = 0; round < rounds; round++) for (const name of names) samples[name].push(await subjects[name]());
  return samples;
}
