/**
 * Backpropagation on the recorded local derivatives: the sweep that the slider steps through, and sums over paths.
 *
 * Everything is dynamic programming over the tape: arguments come before results, so one pass in the order of the numbers, or
 * against it, sees each argument once. The sum over 2^60 paths takes as many steps as there are arguments.
 */

import { type Graph, Holds, Kind } from "./data.js";

/**
 * Where backward started, each with its gradient there: the outputs that nothing in the graph uses. If it started further up, the
 * calls that have a gradient while nothing that uses them has one; if it has not run, the outputs with 1.
 */
export function seeds(g: Graph): Map<number, number> {
  const ends = g.outputs.filter((v) => g.useStart[v] === g.useStart[v + 1]);
  const has = (v: number): boolean => g.gradHolds[v] !== Holds.none;
  const starts = ends.some(has)
    ? ends.filter(has)
    : [...g.op.keys()].filter((v) => !g.isLeaf(v) && has(v) && !used(g, v).some(has));
  const known = starts.filter((v) => g.gradHolds[v] === Holds.number);
  return new Map(known.length ? known.map((v) => [v, g.grad[v]!]) : (starts.length ? starts : ends).map((v) => [v, 1]));
}

const used = (g: Graph, v: number): number[] => [...g.use.subarray(g.useStart[v]!, g.useStart[v + 1]!)].map((e) => g.owner[e]!);

/** One backward pass. */
export interface Sweep {
  /** The gradient of each node; 0 where none reached. */
  adjoint: Float64Array;
  /** Whether a gradient reached it. */
  reached: Uint8Array;
  /** Whether the number holds: no path from here runs through arrays or what was not kept. */
  known: Uint8Array;
  /** For each argument, the gradient of that node before this contribution was added, and the contribution. */
  before: Float64Array;
  contribution: Float64Array;
  /** The nodes in the order in which backward comes to them: those that it reached and that a call made. */
  steps: Int32Array;
}

/** The pass from the outputs to the leaves, newest first, as the engine does it. */
export function sweep(g: Graph): Sweep {
  const adjoint = new Float64Array(g.n);
  const reached = new Uint8Array(g.n);
  const known = new Uint8Array(g.n).fill(1);
  const before = new Float64Array(g.arg.length);
  const contribution = new Float64Array(g.arg.length);
  const steps: number[] = [];
  for (const [v, seed] of seeds(g)) {
    adjoint[v] = seed;
    reached[v] = 1;
    if (g.holds[v] !== Holds.number) known[v] = 0;
  }
  for (let v = g.n - 1; v >= 0; v--) {
    if (!reached[v] || g.isLeaf(v)) continue;
    steps.push(v);
    for (let e = g.start[v]!; e < g.start[v + 1]!; e++) {
      const a = g.arg[e]!;
      if (a < 0 || g.kind[e] === Kind.none) continue;
      before[e] = adjoint[a]!;
      contribution[e] = g.kind[e] === Kind.number ? g.local[e]! * adjoint[v]! : NaN;
      if (g.kind[e] !== Kind.number || !known[v]) known[a] = 0;
      else adjoint[a]! += contribution[e]!;
      reached[a] = 1;
    }
  }
  return { adjoint, reached, known, before, contribution, steps: Int32Array.from(steps) };
}

/** The gradient of a node that is one number: what backward left there, else what the sweep finds; null if there is none. */
export function gradientOf(g: Graph, s: Sweep, v: number): number | null {
  if (g.gradHolds[v] === Holds.number) return g.grad[v]!;
  return s.reached[v] && s.known[v] ? s.adjoint[v]! : null;
}

/** All that flows from one node. */
export interface Paths {
  from: number;
  /** The derivative of each later node with respect to it: the sum over all paths of the products of local derivatives. */
  sum: Float64Array;
  /** Whether any path leads there. */
  reached: Uint8Array;
  /** Whether all local derivatives on the way are numbers. */
  known: Uint8Array;
  /** The argument by which the strongest path comes in, -1 for none; the strongest has the largest |product|. */
  by: Int32Array;
  /** log |product| along it. */
  strength: Float64Array;
}

/** Forward from a node: derivatives, and the strongest path to everything. */
export function paths(g: Graph, from: number): Paths {
  const sum = new Float64Array(g.n);
  const reached = new Uint8Array(g.n);
  const known = new Uint8Array(g.n).fill(1);
  const by = new Int32Array(g.n).fill(-1);
  const strength = new Float64Array(g.n).fill(-Infinity);
  sum[from] = 1;
  reached[from] = 1;
  strength[from] = 0;
  for (let v = from + 1; v < g.n; v++) {
    for (let e = g.start[v]!; e < g.start[v + 1]!; e++) {
      const a = g.arg[e]!;
      if (a < from || !reached[a] || g.kind[e] === Kind.none) continue;
      reached[v] = 1;
      if (g.kind[e] !== Kind.number || !known[a]) known[v] = 0;
      sum[v]! += g.local[e]! * sum[a]!;
      const s = strength[a]! + (g.kind[e] === Kind.number ? Math.log(Math.abs(g.local[e]!)) : 0);
      if (by[v]! < 0 || s > strength[v]!) {
        by[v] = e;
        strength[v] = s;
      }
    }
  }
  return { from, sum, reached, known, by, strength };
}

/** The arguments along the strongest path to a node, in the order of the tape. */
export function strongest(g: Graph, p: Paths, to: number): number[] {
  const found: number[] = [];
  for (let v = to; v !== p.from && p.by[v]! >= 0; v = g.arg[p.by[v]!]!) found.push(p.by[v]!);
  return found.reverse();
}

/** How many paths lead from one node to another, exactly. */
export function count(g: Graph, from: number, to: number): bigint {
  const ways = new Map<number, bigint>([[from, 1n]]);
  for (let v = from + 1; v <= to; v++) {
    let n = 0n;
    for (let e = g.start[v]!; e < g.start[v + 1]!; e++) {
      if (g.kind[e] !== Kind.none && g.arg[e]! >= from) n += ways.get(g.arg[e]!) ?? 0n;
    }
    if (n) ways.set(v, n);
  }
  return ways.get(to) ?? 0n;
}

/** The nodes on the paths between two nodes, both included; empty if there is none. */
export function between(g: Graph, from: number, to: number): Uint8Array {
  const ahead = paths(g, from).reached;
  const on = new Uint8Array(g.n);
  if (!ahead[to]) return on;
  on[to] = 1;
  for (let v = to; v > from; v--) {
    if (!on[v]) continue;
    for (let e = g.start[v]!; e < g.start[v + 1]!; e++) {
      const a = g.arg[e]!;
      if (a >= from && ahead[a] && g.kind[e] !== Kind.none) on[a] = 1;
    }
  }
  return on;
}

/** The outputs that paths lead to, and what the sum over all of them gives: the gradient, if nothing was left out. */
export interface PathSum {
  value: number;
  known: boolean;
  paths: bigint;
  /** The end that the most weighs on. */
  to: number;
}

/** The sum over all paths from a node to where backward started, each end times its gradient. */
export function pathSum(g: Graph, p: Paths): PathSum | null {
  let [value, known, to, best, total] = [0, true, -1, -Infinity, 0n];
  for (const [end, seed] of seeds(g)) {
    if (!p.reached[end]) continue;
    value += seed * p.sum[end]!;
    known &&= p.known[end] === 1 && g.holds[end] === Holds.number;
    total += count(g, p.from, end);
    if (p.strength[end]! > best || to < 0) [to, best] = [end, p.strength[end]!];
  }
  return to < 0 ? null : { value, known, paths: total, to };
}

/** Equal to rounding: the two were added up in different orders. */
export function agrees(a: number, b: number, scale = 0): boolean {
  return (
    Object.is(a, b) ||
    a === b ||
    (Number.isNaN(a) && Number.isNaN(b)) ||
    Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), scale)
  );
}
