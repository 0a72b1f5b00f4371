/** Two graphs: which node of one is which of the other, by module, op, label and how many like it came before. */

import { type ArrayInfo, type Graph } from "./data.js";

export interface Match {
  /** The node of the other graph, -1 if it has none. */
  other: Int32Array;
  /** 1 where data, gradient or shape differ. */
  changed: Uint8Array;
  added: number;
  differing: number;
}

function keys(g: Graph): string[] {
  const paths: string[] = [];
  for (const s of g.tables.scopes) paths.push(`${s.parent < 0 ? "" : paths[s.parent]}/${s.title}`);
  const seen = new Map<string, number>();
  return Array.from({ length: g.n }, (_, v) => {
    const op = g.opOf(v)?.name ?? "";
    const key = `${paths[g.scope[v]!] ?? ""} ${op} ${op ? "" : g.labelOf(v)}`;
    const n = seen.get(key) ?? 0;
    seen.set(key, n + 1);
    return `${key} ${n}`;
  });
}

/** A node of the other graph, -1 if it has none. */
export interface Twin {
  graph: Graph;
  node: number;
  changed: boolean;
}

/** Two arrays are the same if their digests are; in files without any, if their statistics and thumbnails are. */
function sameArray(x: ArrayInfo | undefined, y: ArrayInfo | undefined): boolean {
  if (!x || !y) return x === y;
  if (x.digest && y.digest) return x.digest === y.digest;
  const numbers = (a: ArrayInfo): number[] => [a.mean, a.least, a.most, a.nan, a.inf, a.zero, ...a.pixels];
  const other = numbers(y);
  return numbers(x).every((n, i) => Object.is(n, other[i]));
}

function same(a: Graph, v: number, b: Graph, w: number): boolean {
  return (
    [false, true].every((gradient) => sameArray(a.array(v, gradient), b.array(w, gradient))) &&
    String(a.tables.shapes[a.shape[v]!]) === String(b.tables.shapes[b.shape[w]!]) &&
    Object.is(a.data[v], b.data[w]) &&
    a.gradHolds[v] === b.gradHolds[w] &&
    Object.is(a.grad[v], b.grad[w])
  );
}

/** One array less another one, by their thumbnails; undefined if they are the same or have no common shape. */
export function difference(a: ArrayInfo | undefined, b: ArrayInfo | undefined): ArrayInfo | undefined {
  if (!a || !b || sameArray(a, b) || a.rows !== b.rows || a.columns !== b.columns) return undefined;
  const pixels = a.pixels.map((x, i) => x - b.pixels[i]!);
  const finite = pixels.filter((x) => Number.isFinite(x));
  const [least, most] = [finite.reduce((x, y) => Math.min(x, y), 0), finite.reduce((x, y) => Math.max(x, y), 0)];
  return { ...a, pixels, least, most };
}

/** For each node of `a`, the one of `b`. */
export function match(a: Graph, b: Graph): Match {
  const place = new Map(keys(b).map((key, w) => [key, w]));
  const other = Int32Array.from(keys(a), (key) => place.get(key) ?? -1);
  const changed = Uint8Array.from(other, (w, v) => (w >= 0 && !same(a, v, b, w) ? 1 : 0));
  return { other, changed, added: other.filter((w) => w < 0).length, differing: changed.reduce((n, x) => n + x, 0) };
}
