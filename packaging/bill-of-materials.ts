import type { BundledModule } from "./bundle.ts";

/** What `package-lock.json` says of an installed package. */
export interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  /** Digests of the registry's archive, as Subresource Integrity writes them. */
  readonly integrity?: string;
  /** Installed for the tools only. */
  readonly dev?: boolean;
}

export interface Lock {
  readonly name: string;
  readonly version: string;
  /** By folder; "" is the project itself. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/**
 * What is in the bundle, as a CycloneDX 1.6 document: packages of which at least one line is in it, and which of them
 * imports which. It bears neither time nor chance, so that the same bundle has the same document.
 * @param modules by their paths below the project
 * @throws Error for a package that the lock does not know, has no digest of, or has for the tools only: the bundle would
 * then depend on what else is installed
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function billOfMaterials(modules: ReadonlyMap<string, BundledModule>, lock: Lock): object {
  const kept = new Map([...modules].filter(([, { bytes }]) => bytes > 0));
  const links = new Map<string, Set<string>>();
  const linksOf = (folder: string): Set<string> => links.get(folder) ?? setIn(links, folder);
  for (const [file, { imports }] of kept) {
    const from = linksOf(folderOf(file));
    for (const other of imports.filter((path) => kept.has(path)).map(folderOf)) from.add(other);
  }
  const reference = (folder: string): string =>
    folder === "" ? purlOf(lock.name, lock.version) : partOf(folder, lock).purl;
  const parts = new Map([...links.keys()].filter(Boolean).map((folder) => [reference(folder), partOf(folder, lock)]));
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": reference(""),
        name: lock.name,
        version: lock.version,
        purl: reference(""),
        ...licensesOf(lock.packages[""]?.license),
      },
    },
    components: sorted([...parts]).map(([, part]) => part),
    dependencies: dependenciesOf(links, reference),
  };
}

/** The folder of the package that a file belongs to; "" for our own. */
const folderOf = (file: string): string => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? "";

function partOf(folder: string, { packages }: Lock) {
  const { version, license, integrity, dev } = packages[folder] ?? {};
  if (version === undefined) throw new Error(`package-lock.json does not know ${folder}`);
  if (dev) throw new Error(`${folder} is in the bundle, but installed for the tools only`);
  const digest = /^sha512-(\S+)/.exec(integrity ?? "")?.[1];
  if (digest === undefined) throw new Error(`package-lock.json has no SHA-512 of ${folder}`);
  const fullName = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  const [name, group] = fullName.split("/").reverse();
  const purl = purlOf(fullName, version);
  return {
    type: "library",
    "bom-ref": purl,
    ...(group === undefined ? {} : { group }),
    name,
    version,
    hashes: [{ alg: "SHA-512", content: Buffer.from(digest, "base64").toString("hex") }],
    ...licensesOf(license),
    purl,
  };
}

const purlOf = (name: string, version: string): string => `pkg:npm/${name.replace("@", "%40")}@${version}`;

const licensesOf = (license: string | undefined): object => {
  if (license === undefined) return {};
  return { licenses: [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }] };
};

function dependenciesOf(links: ReadonlyMap<string, ReadonlySet<string>>, reference: (folder: string) => string) {
  const merged = new Map<string, Set<string>>();
  for (const [folder, others] of links) {
    const ref = reference(folder);
    const known = merged.get(ref) ?? setIn(merged, ref);
    for (const other of others) if (reference(other) !== ref) known.add(reference(other));
  }
  return sorted([...merged]).map(([ref, others]) => ({ ref, dependsOn: [...others].sort() }));
}

function setIn(map: Map<string, Set<string>>, key: string): Set<string> {
  const empty = new Set<string>();
  map.set(key, empty);
  return empty;
}

const sorted = <T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] =>
  entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
