/**
 * Whether the gradient grows or shrinks from layer to layer: the alarm for what is said to vanish or explode.
 *
 * A layer ends where something is multiplied by what no layer made: a weight, an input or a constant. So the layer of a node is the
 * largest one among its arguments, and one more if it is such a product: `w * x`, `h @ w`, a convolution; biases, activations and
 * skips stay in their layer, and a weight that is used in each step of a loop begins a layer in each.
 *
 *     size of layer k = the norm of the gradients of all nodes of layer k, taken together, that a later layer uses
 *
 * The norm, not the mean or the largest entry: weights that are drawn as He or Glorot draw them keep it from layer to layer, however
 * wide the layers are. One layer that is unlike the others says nothing (a loss that is scaled, a layer of one neuron). So what is
 * asked for is the median of the factors from layer to layer, and what it makes of all layers:
 *
 *     alarm if median ** (layers - 1) is below 1/1000 or above 1000, and there are four layers or more
 *
 * With He's weights it stays near 1 at any depth; eight layers of sigmoids, at 0.25 or less each, are an alarm.
 */

import { type Sweep, gradientOf } from "./backward.js";
import { Flag, type Graph } from "./data.js";

const PRODUCTS = new Set(
  "multiply matmul linear einsum_pair outer convolve conv1d conv2d conv_transpose1d conv_transpose2d".split(" "),
);
const LEAST_LAYERS = 4;
const ALARM = 1000;

export interface Trend {
  kind: "vanishing" | "exploding";
  /** Of each layer, first to last: the norm of its gradients. */
  sizes: number[];
  /** From a layer to the one before it. */
  factor: number;
  /** The largest gradient of the first layer, where it shows most. */
  node: number;
}

/** The layer of each node, 0 for inputs and weights. */
export function layers(g: Graph): Int32Array {
  const layer = new Int32Array(g.n);
  const products = g.tables.ops.map((op) => PRODUCTS.has(op.name));
  for (let v = 0; v < g.n; v++) {
    let [last, given] = [0, false];
    for (let e = g.start[v]!; e < g.start[v + 1]!; e++) {
      const a = g.arg[e]!;
      last = Math.max(last, a < 0 ? 0 : layer[a]!);
      given ||= a < 0 || !layer[a];
    }
    layer[v] = last + (given && products[g.op[v]!] ? 1 : 0);
  }
  return layer;
}

/** The norm of the gradient of a node; NaN if it is not known. */
function gradientSize(g: Graph, s: Sweep, v: number): number {
  const info = g.array(v, true);
  if (info) return info.nan || info.inf ? NaN : info.norm;
  return Math.abs(gradientOf(g, s, v) ?? NaN);
}

/** What the gradients of a graph do from layer to layer, if it is alarming. */
export function trend(g: Graph, s: Sweep): Trend | null {
  const layer = layers(g);
  const found: { size: number; node: number; most: number }[] = [];
  for (let v = 0; v < g.n; v++) {
    const size = layer[v]! && passedOn(g, layer, v) ? gradientSize(g, s, v) : NaN;
    if (!(size > 0 && size < Infinity)) continue;
    const at = (found[layer[v]!] ??= { size: 0, node: v, most: 0 });
    at.size = Math.hypot(at.size, size);
    if (size > at.most) [at.most, at.node] = [size, v];
  }
  const known = found.filter((at) => at.size < Infinity);
  if (known.length < LEAST_LAYERS) return null;
  const sizes = known.map((at) => at.size);
  const factors = sizes.slice(1).map((size, k) => Math.log(sizes[k]! / size));
  const median = middle(factors);
  if (Math.abs(median) * factors.length < Math.log(ALARM)) return null;
  return { kind: median < 0 ? "vanishing" : "exploding", sizes, factor: Math.exp(median), node: known[0]!.node };
}

const passedOn = (g: Graph, layer: Int32Array, v: number): boolean =>
  g.use.subarray(g.useStart[v]!, g.useStart[v + 1]!).some((e) => layer[g.owner[e]!]! > layer[v]!);

function middle(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Raise the flag on the node where it shows most. */
export function flagged(g: Graph, found: Trend | null): Trend | null {
  if (found) g.flags[found.node]! |= Flag[found.kind];
  return found;
}
