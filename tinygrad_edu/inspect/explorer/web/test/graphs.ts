/** Small graphs for tests, written as `tinygrad_edu.graph/1`. */

import { type Document, Graph } from "../src/data.js";

/** A node: its op, arguments with local derivatives, value, and the scope it is in. */
export interface N {
  op?: string;
  args?: [node: number, local: number][];
  data?: number;
  scope?: number;
  flags?: number;
  grad?: number;
}

const TYPES = { "<u1": Uint8Array, "<i4": Int32Array, "<f8": Float64Array, "<f4": Float32Array } as const;

function packed(dtype: keyof typeof TYPES, values: number[]): { dtype: string; base64: string } {
  return { dtype, base64: Buffer.from(TYPES[dtype].from(values).buffer).toString("base64") };
}

export function document(nodes: N[], scopes: [string, number][] = [], outputs = [nodes.length - 1]): Document {
  const ops = [...new Set(nodes.flatMap((n) => (n.op ? [n.op] : [])))];
  const args = nodes.flatMap((n) => n.args ?? []);
  const start = [0];
  for (const n of nodes) start.push(start[start.length - 1]! + (n.args ?? []).length);
  const column = (f: (n: N, i: number) => number): { dtype: string; base64: string } => packed("<i4", nodes.map(f));
  const none = column(() => -1);
  return {
    format: "tinygrad_edu.graph/1",
    version: "test",
    nodes: nodes.length,
    outputs,
    tables: {
      ops: ops.map((name) => ({
        name,
        kind: "elementwise",
        symbol: "",
        inputs: ["x1", "x2"],
        text: "",
        latex: "",
        mathml: "",
        partials: [],
      })),
      shapes: [[]],
      dtypes: ["float64"],
      labels: ["", ...nodes.map((_, i) => `v${i}`)],
      scopes: scopes.map(([title, parent]) => ({ name: title, title, call: 1, parent })),
      sources: [{ file: "a.py", line: 3, function: "f", text: "y = x * w" }],
      options: [],
      constants: [],
      exact: [],
    },
    columns: {
      op: column((n) => (n.op ? ops.indexOf(n.op) : -1)),
      scope: column((n) => n.scope ?? -1),
      source: column((n) => (n.op ? 0 : -1)),
      options: none,
      label: column((_, i) => i + 1),
      shape: column(() => 0),
      dtype: column(() => 0),
      index: column((_, i) => i),
      holds: packed(
        "<u1",
        nodes.map(() => 0),
      ),
      data: packed(
        "<f8",
        nodes.map((n) => n.data ?? 1),
      ),
      grad_holds: packed(
        "<u1",
        nodes.map((n) => (n.grad === undefined ? 2 : 0)),
      ),
      grad: packed(
        "<f8",
        nodes.map((n) => n.grad ?? 0),
      ),
      exact: none,
      grad_exact: none,
      flags: packed(
        "<u1",
        nodes.map((n) => n.flags ?? 0),
      ),
      start: packed("<i4", start),
    },
    arguments: {
      node: packed(
        "<i4",
        args.map(([a]) => a),
      ),
      kind: packed(
        "<u1",
        args.map(([, x]) => (Number.isNaN(x) ? 1 : 0)),
      ),
      local: packed(
        "<f8",
        args.map(([, x]) => (Number.isNaN(x) ? 0 : x)),
      ),
    },
    arrays: Object.fromEntries(
      ["node", "gradient", "least", "most", "mean", "nan", "inf", "zero", "rows", "columns", "pixel", "pixels"].map((k) => [
        k,
        packed("<f8", []),
      ]),
    ),
  };
}

export const graph = (...given: Parameters<typeof document>): Graph => new Graph(document(...given));

/** A generator of the same numbers on every run, in [0, 1). */
export function random(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s / 2 ** 32;
  };
}

/** Any graph: every node after the first few uses one or two earlier ones; a share of the edges carries nothing. */
export function anyGraph(seed: number, n: number, scopes: [string, number][] = []): N[] {
  const r = random(seed);
  const pick = (i: number): number => Math.max(0, i - 1 - Math.floor(r() * r() * Math.min(i, 12)));
  return Array.from({ length: n }, (_, i): N => {
    if (i < 3) return {};
    const local = (): number => (r() < 0.05 ? NaN : Math.round(r() * 8 - 4));
    const args: [number, number][] = [[pick(i), local()], ...(r() < 0.7 ? [[pick(i), local()] as [number, number]] : [])];
    return {
      op: ["add", "multiply", "tanh"][Math.floor(r() * 3)]!,
      args,
      scope: scopes.length ? Math.floor((i / n) * (scopes.length + 1)) - 1 : -1,
    };
  });
}
