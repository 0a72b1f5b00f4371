/** What is on the page: boxes with lines of text, frames, and the edges between boxes, all with their places. */

import { type ArrayInfo, type Graph } from "./data.js";
import { type Run } from "./layered.js";
import { type Rect, laidOut } from "./nested.js";
import { type Group, type Tree } from "./tree.js";
import { lines } from "./words.js";

export const FONT = 11;
export const LINE = 15;
const CHAR = FONT * 0.602;
export const PAD = 8;
export const THUMB = 42;
const MOST_SPREAD = 16; // edges into one box
const MOST_EDGES = 120_000;

export interface Box extends Rect {
  group: Group;
  lines: string[];
  thumb: ArrayInfo | undefined;
  flags: number;
}

export interface Frame extends Rect {
  group: Group;
  depth: number;
}

/** All uses of one box's values in another one; `argument` is the place in the graph if there is one use only, else -1. */
export interface Edge {
  tail: number;
  head: number;
  count: number;
  argument: number;
  way: Run[];
}

export interface Scene {
  width: number;
  height: number;
  boxes: Box[];
  frames: Frame[];
  edges: Edge[];
  /** The box of each node. */
  home: Int32Array;
  /** The edge that each argument is part of, -1 inside of boxes. */
  edgeOf: Int32Array;
}

/** How many characters of one width a text takes; those of Chinese, Japanese and Korean and emoji take two. */
export function columns(text: string): number {
  let n = 0;
  for (const c of text)
    n +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]|\p{Extended_Pictographic}/u.test(c) && c > "\u00ff"
        ? 2
        : 1;
  return n;
}

function sized(g: Graph, group: Group, gradients: boolean): Box {
  const text = lines(g, group, gradients);
  const thumb = group.kind === "node" ? g.array(group.node, false) : undefined;
  const picture = thumb && thumb.rows * thumb.columns > 1 ? thumb : undefined;
  const widest = text.reduce((n, line) => Math.max(n, columns(line)), 0);
  const width = Math.max(44, widest * CHAR + 2 * PAD + 8) + (picture ? THUMB + PAD : 0);
  const height = Math.max(text.length * LINE + PAD, picture ? THUMB + PAD : 0);
  const flags = group.nodes.reduce((all, v) => all | g.flags[v]!, 0);
  return { group, lines: text, thumb: picture, flags, width, height, x: 0, y: 0 };
}

/** The scene of a cut through the tree. */
export function scene(tree: Tree, open: ReadonlySet<string>, gradients: boolean): Scene {
  const g = tree.graph;
  const { shown, frames: groups } = tree.cut(open);
  shown.sort((a, b) => a.nodes[0]! - b.nodes[0]!);
  const boxes = shown.map((group) => sized(g, group, gradients));
  const home = new Int32Array(g.n);
  shown.forEach((group, i) => group.nodes.forEach((v) => (home[v] = i)));
  const { edges, edgeOf } = joined(g, home, boxes.length);
  const number = new Map(groups.map((group, i) => [group.id, i]));
  const frameOf = (group: Group): number => number.get(group.parent?.id ?? "") ?? -1;
  const layout = laidOut(
    boxes.map((b) => ({ width: b.width, height: b.height, frame: frameOf(b.group) })),
    groups.map((group) => ({ parent: frameOf(group), title: columns(group.title) * CHAR + 30 })),
    edges.map((e) => [e.tail, e.head]),
  );
  boxes.forEach((b, i) => Object.assign(b, layout.boxes[i]));
  edges.forEach((e, i) => (e.way = layout.ways[i]!));
  spread(boxes, edges);
  const frames = groups.map((group, i) => ({ group, depth: group.path.length - 1, ...layout.frames[i]! }));
  return { width: layout.width, height: layout.height, boxes, frames, edges, home, edgeOf };
}

/** Let the edges that come in at one box arrive apart, in the order in which they come. */
function spread(boxes: Box[], edges: Edge[]): void {
  const into: Edge[][] = boxes.map(() => []);
  for (const e of edges) into[e.head]!.push(e);
  into.forEach((found, i) => {
    if (found.length < 2 || found.length > MOST_SPREAD) return;
    const from = (e: Edge): number =>
      e.way.length > 1 ? e.way[e.way.length - 2]![2] : boxes[e.tail]!.y + boxes[e.tail]!.height / 2;
    found.sort((a, b) => from(a) - from(b));
    found.forEach((e, k) => arrive(e, boxes[i]!.y + (boxes[i]!.height * (k + 1)) / (found.length + 1)));
  });
}

function arrive(e: Edge, y: number): void {
  const [x0, x1, y0] = e.way[e.way.length - 1]!;
  if (e.way.length > 1) e.way[e.way.length - 1] = [x0, x1, y];
  else if (Math.abs(y - y0) > 0.01) {
    const middle = (x0 + x1) / 2;
    e.way = [
      [x0, Math.max(x0, middle - 14), y0],
      [Math.min(x1, middle + 14), x1, y],
    ];
  }
}

function joined(g: Graph, home: Int32Array, n: number): { edges: Edge[]; edgeOf: Int32Array } {
  const place = new Map<number, number>();
  const edges: Edge[] = [];
  const edgeOf = new Int32Array(g.arg.length).fill(-1);
  for (let e = 0; e < g.arg.length; e++) {
    if (g.arg[e]! < 0) continue;
    const [tail, head] = [home[g.arg[e]!]!, home[g.owner[e]!]!];
    if (tail === head) continue;
    let i = place.get(tail * n + head);
    if (i === undefined) {
      i = edges.length;
      if (i >= MOST_EDGES) throw new Error("too many edges to draw; close some groups");
      place.set(tail * n + head, i);
      edges.push({ tail, head, count: 0, argument: e, way: [] });
    }
    edges[i]!.count++;
    if (edges[i]!.count > 1) edges[i]!.argument = -1;
    edgeOf[e] = i;
  }
  return { edges, edgeOf };
}
