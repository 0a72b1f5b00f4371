/** Two graphs: which node of one is which of the other, by module, op, label and how many like it came before. */

import { type Graph } from "./data.js";

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

function same(a: Graph, v: number, b: Graph, w: number): boolean {
  const arrays = [false, true].every((gradient) => {
    const [x, y] = [a.array(v, gradient), b.array(w, gradient)];
    return (
      (!x && !y) ||
      (!!x && !!y && x.mean === y.mean && x.least === y.least && x.most === y.most && x.nan === y.nan && x.inf === y.inf)
    );
  });
  const shapes = String(a.tables.shapes[a.shape[v]!]) === String(b.tables.shapes[b.shape[w]!]);
  return (
    arrays && shapes && Object.is(a.data[v], b.data[w]) && a.gradHolds[v] === b.gradHolds[w] && Object.is(a.grad[v], b.grad[w])
  );
}

/** For each node of `a`, the one of `b`. */
export function match(a: Graph, b: Graph): Match {
  const place = new Map(keys(b).map((key, w) => [key, w]));
  const other = Int32Array.from(keys(a), (key) => place.get(key) ?? -1);
  const changed = Uint8Array.from(other, (w, v) => (w >= 0 && !same(a, v, b, w) ? 1 : 0));
  return { other, changed, added: other.filter((w) => w < 0).length, differing: changed.reduce((n, x) => n + x, 0) };
}
