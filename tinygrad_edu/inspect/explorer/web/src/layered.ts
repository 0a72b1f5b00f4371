/**
 * A layered drawing of one directed acyclic graph, after Sugiyama, Tagawa, Toda (1981): layers by the longest path, bends where
 * arrows pass layers, order by barycentres swept back and forth, heights by isotonic regression. The same algorithm as
 * `inspect/pictures/layered.py`, which explains it; linear or O(n log n), nothing recursive, the same on every run.
 */

export interface Box {
  width: number;
  height: number;
  first: boolean;
  last: boolean;
  x: number;
  y: number;
  column: [number, number];
}

/** A level piece of an arrow's way: x0, x1, y. */
export type Run = [number, number, number];

/** From box to box, leaving and arriving so far from the top; one of `source` shares the bends of others. */
export interface Arrow {
  tail: number;
  head: number;
  source: number;
  leaves: number;
  arrives: number;
  way: Run[];
}

export const GAP = 14;
export const COLUMN_GAP = 58; // room for a number on an arrow
export const BEND = 4;
const SWEEPS = 8;
const MOST_BENDS = 20_000; // arrows over more layers than this has room for go straight
const LARGE = 8_000; // vertices; above this fewer sweeps

export const box = (width: number, height: number, first = false, last = false): Box => ({
  width,
  height,
  first,
  last,
  x: 0,
  y: 0,
  column: [0, 0],
});

export const arrow = (tail: number, head: number, source = tail): Arrow => ({
  tail,
  head,
  source,
  leaves: 0,
  arrives: 0,
  way: [],
});

type Link = [vertex: number, leaves: number, arrives: number];

interface Layers {
  boxes: Box[];
  rank: number[];
  columns: number[][];
  before: Link[][];
  after: Link[][];
  chains: Map<string, number[]>;
}

/** Place the boxes and the bends of the arrows; the width and height of it all. */
export function layered(boxes: Box[], arrows: Arrow[], gap = COLUMN_GAP): [number, number] {
  if (!boxes.length) return [0, 0];
  const g: Layers = { boxes: [...boxes], rank: ranks(boxes, arrows), columns: [], before: [], after: [], chains: new Map() };
  bend(g, arrows);
  order(g);
  heights(g);
  const width = columns(g, gap);
  let [top, bottom] = [Infinity, -Infinity];
  for (const b of g.boxes) {
    top = Math.min(top, b.y);
    bottom = Math.max(bottom, b.y + b.height);
  }
  for (const b of g.boxes) b.y -= top;
  for (const a of arrows) a.way = way(g, a, boxes[a.tail]!, boxes[a.head]!);
  return [width, bottom - top];
}

function way(g: Layers, a: Arrow, tail: Box, head: Box): Run[] {
  const passed = Math.max(g.rank[a.head]! - g.rank[a.tail]! - 1, 0);
  const over = (g.chains.get(`${a.tail},${a.source}`) ?? []).slice(0, passed).map((i) => g.boxes[i]!);
  const bends = over.map((b): Run => [b.column[0], b.column[1], b.y + b.height / 2]);
  return [[tail.x + tail.width, tail.column[1], tail.y + a.leaves], ...bends, [head.column[0], head.x, head.y + a.arrives]];
}

/** The longest path to each box; then boxes move towards what they lead to, where no arrow gets longer by it. */
export function ranks(boxes: Box[], arrows: Arrow[]): number[] {
  const before: number[][] = boxes.map(() => []);
  const after: number[][] = boxes.map(() => []);
  for (const a of arrows) {
    before[a.head]!.push(a.tail);
    after[a.tail]!.push(a.head);
  }
  const rank = new Array<number>(boxes.length).fill(0);
  const missing = before.map((b) => b.length);
  const ready = [...boxes.keys()].filter((i) => !missing[i]);
  for (let k = 0; k < ready.length; k++) {
    const i = ready[k]!;
    for (const j of after[i]!) {
      rank[j] = Math.max(rank[j]!, rank[i]! + 1);
      if (!--missing[j]!) ready.push(j);
    }
  }
  if (ready.length < boxes.length) throw new Error("the graph has a cycle");
  for (const i of ready.reverse()) {
    if (after[i]!.length && !boxes[i]!.first && after[i]!.length >= before[i]!.length) {
      rank[i] = after[i]!.reduce((least, j) => Math.min(least, rank[j]!), Infinity) - 1;
    }
  }
  const last = rank.reduce((a, b) => Math.max(a, b), 0);
  const edge = boxes.some((b) => b.last) && boxes.some((b, i) => rank[i] === last && !b.last) ? 1 : 0;
  return rank.map((r, i) => (boxes[i]!.last ? last + edge : r));
}

function bend(g: Layers, arrows: Arrow[]): void {
  const farthest = new Map<string, [tail: number, passed: number, leaves: number]>();
  const passes = (a: Arrow): number => g.rank[a.head]! - g.rank[a.tail]! - 1;
  for (const a of arrows) {
    const key = `${a.tail},${a.source}`;
    farthest.set(key, [a.tail, Math.max(farthest.get(key)?.[1] ?? 0, passes(a)), a.leaves]);
  }
  let room = MOST_BENDS;
  for (const [key, [tail, n]] of [...farthest].sort((a, b) => a[1][1] - b[1][1])) {
    room -= n;
    if (n <= 0 || room < 0) continue;
    g.chains.set(
      key,
      Array.from({ length: n }, (_, k) => g.boxes.length + k),
    );
    for (let k = 1; k <= n; k++) {
      g.boxes.push(box(0, BEND));
      g.rank.push(g.rank[tail]! + k);
    }
  }
  g.before = g.boxes.map(() => []);
  g.after = g.boxes.map(() => []);
  for (const [key, chain] of g.chains) {
    const [tail, , leaves] = farthest.get(key)!;
    link(g, tail, chain[0]!, leaves, BEND / 2);
    for (let k = 1; k < chain.length; k++) link(g, chain[k - 1]!, chain[k]!, BEND / 2, BEND / 2);
  }
  for (const a of arrows) {
    const chain = g.chains.get(`${a.tail},${a.source}`);
    if (chain && passes(a) > 0) link(g, chain[passes(a) - 1]!, a.head, BEND / 2, a.arrives);
    else link(g, a.tail, a.head, a.leaves, a.arrives);
  }
}

function link(g: Layers, tail: number, head: number, leaves: number, arrives: number): void {
  g.after[tail]!.push([head, leaves, arrives]);
  g.before[head]!.push([tail, leaves, arrives]);
}

// -- order -----------------------------------------------------------------------------------------------------------

const copy = (columns: number[][]): number[][] => columns.map((c) => [...c]);

function order(g: Layers): void {
  g.columns = Array.from({ length: g.rank.reduce((a, b) => Math.max(a, b), 0) + 1 }, () => []);
  for (const i of walk(g)) g.columns[g.rank[i]!]!.push(i);
  let [best, fewest] = [copy(g.columns), crossings(g)];
  const where = new Float64Array(g.boxes.length);
  const sweeps = g.boxes.length > LARGE ? 4 : SWEEPS;
  for (let sweep = 0; sweep < sweeps && fewest; sweep++) {
    const forth = sweep % 2 === 0;
    where.fill(0);
    for (const column of forth ? g.columns : [...g.columns].reverse()) {
      settle(column, forth ? g.before : g.after, where);
      column.forEach((i, place) => (where[i] = (place + 0.5) / column.length));
    }
    const n = crossings(g);
    if (n < fewest) [best, fewest] = [copy(g.columns), n];
  }
  g.columns = best;
}

/** Sort a column by the mean place of the neighbours on one side; who has none keeps its place. */
function settle(column: number[], sides: Link[][], where: Float64Array): void {
  const key = new Map<number, number>();
  column.forEach((i, place) => {
    const near = sides[i]!;
    let sum = 0;
    for (const [j, leaves] of near) sum += where[j]! + 1e-6 * leaves;
    key.set(i, near.length ? sum / near.length : (place + 0.5) / column.length);
  });
  column.sort((a, b) => key.get(a)! - key.get(b)!);
}

/** Every vertex once, from the ends back to the beginnings, depth first. */
function walk(g: Layers): number[] {
  const seen = new Uint8Array(g.boxes.length);
  const found: number[] = [];
  const stack = [...g.boxes.keys()].filter((i) => !g.after[i]!.length).reverse();
  while (stack.length) {
    const i = stack.pop()!;
    if (seen[i]) continue;
    seen[i] = 1;
    found.push(i);
    for (let k = g.before[i]!.length - 1; k >= 0; k--) stack.push(g.before[i]![k]![0]);
  }
  return found;
}

/** How many pairs of arrows between neighbouring columns cross, counted with a Fenwick tree. */
function crossings(g: Layers): number {
  const place = new Int32Array(g.boxes.length);
  for (const column of g.columns) column.forEach((i, n) => (place[i] = n));
  let total = 0;
  for (const [rank, column] of g.columns.entries()) {
    const tree = new Int32Array((g.columns[rank + 1]?.length ?? 0) + 1);
    let seen = 0;
    for (const i of column) {
      for (const end of g.after[i]!.map(([j]) => place[j]!).sort((a, b) => a - b)) {
        let below = 0;
        for (let n = end + 1; n; n &= n - 1) below += tree[n]!;
        total += seen++ - below;
        for (let n = end + 1; n < tree.length; n += n & -n) tree[n]!++;
      }
    }
  }
  return total;
}

// -- places ----------------------------------------------------------------------------------------------------------

/** Give each vertex the height that makes its arrows level, as nearly as the gaps allow. */
function heights(g: Layers): void {
  for (const column of g.columns) {
    let y = 0;
    for (const i of column) {
      g.boxes[i]!.y = y;
      y += g.boxes[i]!.height + GAP;
    }
    for (const i of column) g.boxes[i]!.y -= y / 2;
  }
  const sweeps = g.boxes.length > LARGE ? 4 : SWEEPS;
  for (let sweep = 0; sweep <= sweeps; sweep++) {
    const forth = sweep % 2 === 0;
    for (const column of forth ? g.columns : [...g.columns].reverse()) level(g, column, forth, sweep >= sweeps - 2);
  }
}

/** One column: least squares of the differences to where each would like to be, order and gaps kept. */
function level(g: Layers, column: number[], forth: boolean, both: boolean): void {
  const wishes: number[] = [];
  const weights: number[] = [];
  const offsets: number[] = [];
  let y = 0;
  for (const i of column) {
    const b = g.boxes[i]!;
    let [sum, n] = [0, 0];
    if (forth || both)
      for (const [j, leaves, arrives] of g.before[i]!) [sum, n] = [sum + g.boxes[j]!.y + leaves - arrives, n + 1];
    if (!forth || both)
      for (const [j, leaves, arrives] of g.after[i]!) [sum, n] = [sum + g.boxes[j]!.y + arrives - leaves, n + 1];
    const isBend = b.height === BEND;
    wishes.push((n ? sum / n : b.y) - y);
    weights.push((isBend ? 8 : 1) * Math.max(n, 0.01));
    offsets.push(y);
    y += b.height + (isBend ? GAP / 2 : GAP);
  }
  isotonic(wishes, weights).forEach((place, k) => (g.boxes[column[k]!]!.y = place + offsets[k]!));
}

/** The non-decreasing sequence nearest to `wishes` by weighted least squares, by pooling adjacent violators. */
export function isotonic(wishes: number[], weights: number[]): number[] {
  const pools: [mean: number, weight: number, n: number][] = [];
  wishes.forEach((wish, k) => {
    let [mean, weight, n] = [wish, weights[k]!, 1];
    while (pools.length && pools[pools.length - 1]![0] >= mean) {
      const [before, heavy, many] = pools.pop()!;
      mean = (before * heavy + mean * weight) / (heavy + weight);
      weight += heavy;
      n += many;
    }
    pools.push([mean, weight, n]);
  });
  return pools.flatMap(([mean, , n]) => new Array<number>(n).fill(mean));
}

/** Columns as wide as their widest box, boxes in their middle, but leaves close to what uses them. */
function columns(g: Layers, gap: number): number {
  let x = 0;
  for (const column of g.columns) {
    const width = column.reduce((most, i) => Math.max(most, g.boxes[i]!.width), 0);
    for (const i of column) {
      const b = g.boxes[i]!;
      b.column = [x, x + width];
      const right = b.last || !g.before[i]!.length;
      b.x = x + (b.first ? 0 : right ? width - b.width : (width - b.width) / 2);
    }
    x += width + gap;
  }
  return x - gap;
}
