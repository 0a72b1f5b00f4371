/** What is lit and what is dimmed: a step of a pass, the paths between two nodes, or the strongest path of one. */

import { type Paths, type Sweep, between, pathSum, seeds, strongest } from "./backward.js";
import { type Match } from "./compare.js";
import { BAD, Flag, type Graph, Holds, Kind } from "./data.js";
import { type Box, type Scene } from "./scene.js";
import { type Moment } from "./steps.js";
import { norm, number } from "./words.js";

export interface Lights {
  dim: Uint8Array | null;
  lit: Map<number, string>;
  litBoxes: Set<number>;
}

export class Lighting {
  private readonly firstReached: Int32Array;

  constructor(
    private readonly graph: Graph,
    private readonly sweep: Sweep,
    private readonly paths: (v: number) => Paths,
  ) {
    this.firstReached = reachedAt(graph, sweep);
  }

  /** In a step of a pass: what it does, and what has happened before. */
  step(scene: Scene, { pass, k }: Moment): Lights {
    const g = this.graph;
    const v = this.nodeAt(pass, k);
    const reached = pass === "backward" ? (u: number): boolean => this.firstReached[u]! <= k : (u: number): boolean => u < k;
    const lights: Lights = { dim: dimmed(scene, reached), lit: new Map(), litBoxes: new Set([scene.home[v]!]) };
    for (let e = g.start[v]!; e < g.start[v + 1]!; e++) {
      const edge = scene.edgeOf[e]!;
      if (edge < 0 || g.kind[e] === Kind.none) continue;
      lights.lit.set(edge, pass === "backward" ? contributed(g, this.sweep, v, e) : "");
    }
    return lights;
  }

  /** The node of a step. */
  nodeAt(pass: Moment["pass"], k: number): number {
    return pass === "backward" ? this.sweep.steps[k - 1]! : k - 1;
  }

  /** Only the paths between two nodes, the strongest of them lit. */
  pair(scene: Scene, from: number, to: number): Lights {
    const on = between(this.graph, from, to);
    const lights: Lights = { dim: dimmed(scene, (v) => on[v] === 1), lit: new Map(), litBoxes: new Set() };
    return this.path(scene, strongest(this.graph, this.paths(from), to), lights);
  }

  /** The strongest path from a node to where backward starts; nothing for -1. */
  one(scene: Scene, v: number): Lights {
    const lights: Lights = { dim: null, lit: new Map(), litBoxes: new Set() };
    if (v < 0) return lights;
    const p = this.paths(v);
    const sum = pathSum(this.graph, p);
    return sum ? this.path(scene, strongest(this.graph, p, sum.to), lights) : lights;
  }

  private path(scene: Scene, path: number[], lights: Lights): Lights {
    const g = this.graph;
    for (const e of path) {
      const edge = scene.edgeOf[e]!;
      if (edge >= 0) lights.lit.set(edge, g.kind[e] === Kind.number ? `×${number(g.local[e]!, 3)}` : "");
      lights.litBoxes.add(scene.home[g.owner[e]!]!).add(scene.home[g.arg[e]!]!);
    }
    return lights;
  }
}

/** What a step of backward adds, as it stands on the edge. */
function contributed(g: Graph, s: Sweep, v: number, e: number): string {
  if (g.kind[e] === Kind.number) return s.known[v] ? `+= ${number(s.contribution[e]!, 3)}` : "";
  return Number.isNaN(g.norm[e]) ? "" : `+= ${norm(g.norm[e]!)}`;
}

/** A box is dimmed if nothing in it is to be shown. */
function dimmed(scene: Scene, shown: (v: number) => boolean): Uint8Array {
  const dim = new Uint8Array(scene.boxes.length).fill(1);
  for (let v = 0; v < scene.home.length; v++) if (shown(v)) dim[scene.home[v]!] = 0;
  return dim;
}

/** The step of the backward pass in which each node gets its first gradient; 0 for where it starts. */
export function reachedAt(g: Graph, s: Sweep): Int32Array {
  const at = new Int32Array(g.n).fill(2 ** 31 - 1);
  for (const v of seeds(g).keys()) at[v] = 0;
  s.steps.forEach((v, k) => {
    for (let e = g.start[v]!; e < g.start[v + 1]!; e++) {
      const a = g.arg[e]!;
      if (a >= 0 && g.kind[e] !== Kind.none && at[a]! > k + 1) at[a] = k + 1;
    }
  });
  return at;
}

/**
 * What went wrong, first where it began: bad data along the tape, bad gradients along backward, gradients that vanish or explode, units
 * that stand still, leaves whose gradient is zero.
 */
export function alarmed(g: Graph): number[] {
  const kinds: [number, (v: number) => boolean][] = [
    [Flag.nan | Flag.inf, () => true],
    [BAD, () => true],
    [Flag.vanishing | Flag.exploding, () => true],
    [Flag.dead | Flag.saturated, () => true],
    [Flag.zeroGrad, (v) => g.isLeaf(v) && !timesZero(g, v)],
  ];
  const found = kinds.map((): number[] => []);
  g.flags.forEach((flags, v) => {
    const k = kinds.findIndex(([mask, counts]) => flags & mask && counts(v));
    found[k]?.push(v);
  });
  found[1]!.reverse();
  return found.flat();
}

/** Whether each use of a node is a product with an input or a constant that is zero: then its gradient is zero and nothing is wrong. */
function timesZero(g: Graph, v: number): boolean {
  const zero = (a: number): boolean =>
    a < 0 ? g.constantOf(a)?.number === 0 : g.isLeaf(a) && g.holds[a] === Holds.number && g.data[a] === 0;
  const uses = g.use.subarray(g.useStart[v]!, g.useStart[v + 1]!);
  return (
    uses.length > 0 &&
    uses.every((e) => {
      const owner = g.owner[e]!;
      const others = g.arg.subarray(g.start[owner]!, g.start[owner + 1]!).filter((a) => a !== v);
      return g.opOf(owner)?.name === "multiply" && others.length > 0 && others.every(zero);
    })
  );
}

/** What a comparison says of a box: `Δ3`, `−1`, `+`. */
export function badge(box: Box, m: Match, which: number): string {
  let [alone, changed] = [0, 0];
  for (const v of box.group.nodes) {
    if (m.other[v]! < 0) alone++;
    changed += m.changed[v]!;
  }
  const sign = which ? "+" : "−";
  if (box.group.kind === "node") return alone ? sign : changed ? "Δ" : "";
  return [alone ? `${sign}${alone}` : "", changed ? `Δ${changed}` : ""].filter(Boolean).join(" ");
}
