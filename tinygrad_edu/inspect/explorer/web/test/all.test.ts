import assert from "node:assert/strict";
import { test } from "node:test";

import { read, written } from "../src/address.js";
import { agrees, between, count, pathSum, paths, strongest, sweep } from "../src/backward.js";
import { product } from "../src/card.js";
import { match } from "../src/compare.js";
import { Graph, Kind } from "../src/data.js";
import { GAP, type Arrow, arrow, box, isotonic, layered, ranks } from "../src/layered.js";
import { alarmed, reachedAt } from "../src/looks.js";
import { laidOut } from "../src/nested.js";
import { scene } from "../src/scene.js";
import { search } from "../src/search.js";
import { layers, trend } from "../src/trend.js";
import { type Group, LIMIT, Tree } from "../src/tree.js";
import { cut, number, visible } from "../src/words.js";
import { type N, anyGraph, document, graph, random } from "./graphs.js";

const SEEDS = Array.from({ length: 25 }, (_, i) => i);

/** Every path from a node to another as lists of arguments: the slow way, by walking each. */
function every(g: Graph, from: number, to: number): number[][] {
  if (from === to) return [[]];
  const found: number[][] = [];
  for (let e = g.start[to]!; e < g.start[to + 1]!; e++) {
    if (g.arg[e]! >= from && g.kind[e] !== Kind.none) for (const path of every(g, from, g.arg[e]!)) found.push([...path, e]);
  }
  return found;
}

const multiplied = (g: Graph, path: number[]): number => path.reduce((x, e) => x * g.local[e]!, 1);

// -- sums over paths -------------------------------------------------------------------------------------------------

test("the sum over all paths is what walking each path gives, and what backward gives", () => {
  for (const seed of SEEDS) {
    const g = graph(anyGraph(seed, 14));
    const run = sweep(g);
    for (let v = 0; v < g.n; v++) {
      const p = paths(g, v);
      const walked = every(g, v, g.n - 1);
      const sum = walked.reduce((total, path) => total + multiplied(g, path), 0);
      assert.ok(agrees(p.sum[g.n - 1]!, sum), `seed ${seed}, node ${v}`);
      assert.ok(agrees(run.adjoint[v]!, sum));
      assert.equal(count(g, v, g.n - 1), BigInt(walked.length));
      assert.equal(run.reached[v], walked.length ? 1 : 0);
    }
  }
});

test("the strongest path has the largest product", () => {
  for (const seed of SEEDS) {
    const g = graph(anyGraph(seed, 14));
    for (let v = 0; v < g.n; v++) {
      const walked = every(g, v, g.n - 1);
      if (!walked.length) continue;
      const best = Math.max(...walked.map((path) => Math.abs(multiplied(g, path))));
      assert.ok(agrees(Math.abs(multiplied(g, strongest(g, paths(g, v), g.n - 1))), best));
    }
  }
});

test("what lies between two nodes is what the paths between them visit", () => {
  for (const seed of SEEDS) {
    const g = graph(anyGraph(seed, 14));
    const on = new Set(
      every(g, 1, g.n - 1)
        .flat()
        .flatMap((e) => [g.owner[e]!, g.arg[e]!]),
    );
    assert.deepEqual(
      [...between(g, 1, g.n - 1).keys()].filter((v) => between(g, 1, g.n - 1)[v]),
      [...on].sort((a, b) => a - b),
    );
  }
});

test("2^60 paths are counted exactly, and their sum is one", () => {
  const ladder: N[] = [{}];
  for (let i = 0; i < 60; i++)
    ladder.push({
      op: "add",
      args: [
        [i, 0.5],
        [i, 0.5],
      ],
    });
  const g = graph(ladder);
  assert.equal(count(g, 0, 60), 2n ** 60n);
  assert.equal(pathSum(g, paths(g, 0))!.value, 1);
});

test("a backward pass writes down each contribution, before and after", () => {
  // z = x * y, w = z + x at x = 3, y = 2
  const g = graph([
    {},
    {},
    {
      op: "multiply",
      args: [
        [0, 2],
        [1, 3],
      ],
    },
    {
      op: "add",
      args: [
        [2, 1],
        [0, 1],
      ],
    },
  ]);
  const s = sweep(g);
  assert.deepEqual([...s.steps], [3, 2]);
  assert.deepEqual([...s.before], [1, 0, 0, 0]);
  assert.deepEqual([...s.contribution], [2, 3, 1, 1]);
  assert.deepEqual([...s.adjoint], [3, 3, 1, 1]);
  assert.deepEqual([...reachedAt(g, s)], [1, 2, 1, 0]);
});

test("nothing is not zero: an argument that gets none is not reached", () => {
  const g = graph([
    {},
    {},
    {
      op: "where",
      args: [
        [0, 1],
        [1, NaN],
      ],
    },
  ]);
  assert.deepEqual([...sweep(g).reached], [1, 0, 1]);
  assert.equal(pathSum(g, paths(g, 1)), null);
});

test("an output's own gradient weighs its paths", () => {
  const g = graph([{}, { op: "multiply", args: [[0, 3]], grad: 2 }]);
  assert.equal(pathSum(g, paths(g, 0))!.value, 6);
});

test("a graph that is drawn beyond where backward started has its gradients all the same", () => {
  const g = graph([{ grad: 6 }, { op: "multiply", args: [[0, 3]], grad: 2 }, { op: "tanh", args: [[1, 0.5]] }]);
  assert.equal(pathSum(g, paths(g, 0))!.value, 6);
  assert.equal(pathSum(g, paths(g, 0))!.to, 1);
});

test("without any gradient backward starts at the output with 1", () => {
  const g = graph([{ grad: 9 }, { op: "multiply", args: [[0, 3]] }]); // a leaf keeps its own, as after a lean backward
  assert.equal(pathSum(g, paths(g, 0))!.value, 3);
});

test("a hundred thousand nodes in a chain need no recursion", () => {
  const chain: N[] = [{}];
  for (let i = 0; i < 100_000; i++) chain.push({ op: "add", args: [[i, 1]] });
  const g = graph(chain);
  assert.equal(sweep(g).adjoint[0], 1);
  assert.equal(count(g, 0, 100_000), 1n);
  const tree = new Tree(g);
  assert.ok(scene(tree, tree.opened(), false).boxes.length <= LIMIT);
});

// -- layout ----------------------------------------------------------------------------------------------------------

function anyLayout(seed: number, n: number): [ReturnType<typeof box>[], Arrow[]] {
  const r = random(seed);
  const boxes = Array.from({ length: n }, () => box(20 + r() * 80, 20 + r() * 40));
  const arrows = Array.from({ length: n * 2 }, () => {
    const head = 1 + Math.floor(r() * (n - 1));
    return arrow(Math.floor(r() * head), head);
  });
  return [boxes, arrows];
}

test("no boxes overlap, and arrows run from left to right", () => {
  for (const seed of SEEDS) {
    const [boxes, arrows] = anyLayout(seed, 40);
    const [width, height] = layered(boxes, arrows);
    boxes.forEach((a, i) => {
      assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= width + 1e-9 && a.y + a.height <= height + 1e-9);
      for (const b of boxes.slice(i + 1)) {
        assert.ok(
          a.x + a.width <= b.x ||
            b.x + b.width <= a.x ||
            a.y + a.height + GAP / 2 <= b.y + 1e-6 ||
            b.y + b.height + GAP / 2 <= a.y + 1e-6,
        );
      }
    });
    for (const a of arrows) assert.ok(boxes[a.tail]!.x + boxes[a.tail]!.width < boxes[a.head]!.x);
  }
});

test("the layout is the same on every run", () => {
  const run = (): unknown => {
    const [boxes, arrows] = anyLayout(7, 60);
    layered(boxes, arrows);
    return [boxes, arrows];
  };
  assert.deepEqual(run(), run());
});

test("a cycle is refused", () => {
  assert.throws(() => ranks([box(1, 1), box(1, 1)], [arrow(0, 1), arrow(1, 0)]), /cycle/);
});

test("isotonic regression is non-decreasing and keeps what is", () => {
  assert.deepEqual(isotonic([1, 2, 3], [1, 1, 1]), [1, 2, 3]);
  assert.deepEqual(isotonic([3, 1], [1, 1]), [2, 2]);
  assert.deepEqual(isotonic([3, 1], [3, 1]), [2.5, 2.5]);
  const r = random(3);
  const out = isotonic(
    Array.from({ length: 50 }, r),
    Array.from({ length: 50 }, () => 0.1 + r()),
  );
  assert.ok(out.every((x, i) => !i || x >= out[i - 1]!));
});

test("boxes lie in their frames, and frames in theirs", () => {
  const boxes = [-1, 0, 1, 1, -1].map((frame) => ({ width: 50, height: 30, frame }));
  const frames = [
    { parent: -1, title: 40 },
    { parent: 0, title: 300 },
  ];
  const out = laidOut(boxes, frames, [
    [0, 1],
    [1, 2],
    [0, 3],
    [2, 4],
    [3, 4],
  ]);
  const inside = (a: { x: number; y: number; width: number; height: number }, b: typeof a): boolean =>
    a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;
  assert.ok(inside(out.frames[1]!, out.frames[0]!));
  assert.ok(
    inside(out.boxes[2]!, out.frames[1]!) && inside(out.boxes[3]!, out.frames[1]!) && inside(out.boxes[1]!, out.frames[0]!),
  );
  assert.ok(!inside(out.boxes[0]!, out.frames[0]!));
  for (const [i, [tail, head]] of [
    [0, 1],
    [1, 2],
    [0, 3],
    [2, 4],
    [3, 4],
  ].entries()) {
    const way = out.ways[i]!;
    assert.equal(way[0]![0], out.boxes[tail!]!.x + out.boxes[tail!]!.width);
    assert.ok(Math.abs(way[way.length - 1]![1] - out.boxes[head!]!.x) < 1e-9);
  }
});

// -- the tree --------------------------------------------------------------------------------------------------------

const SCOPES: [string, number][] = [
  ["a", -1],
  ["b", 0],
  ["c", -1],
  ["d", 2],
];

const scoped = (seed: number, n: number, modules: boolean): Graph => graph(anyGraph(seed, n, modules ? SCOPES : []), SCOPES);

const everything = (tree: Tree): Set<string> => tree.deeper(tree.opened(), Infinity, () => false).open;

function checkCut(g: Graph, shown: Group[]): void {
  const seen = shown.flatMap((group) => group.nodes).sort((a, b) => a - b);
  assert.deepEqual(seen, [...Array(g.n).keys()], "each node is shown once");
}

test("whatever is open, each node is shown once and the boxes have no cycle", () => {
  for (const seed of SEEDS) {
    const g = scoped(seed, 400, seed % 2 === 1);
    const tree = new Tree(g);
    const r = random(seed);
    const open = tree.opened();
    for (let step = 0; step < 12; step++) {
      const { shown } = tree.cut(open);
      checkCut(g, shown);
      scene(tree, open, true); // refuses a cycle
      const closed = shown.filter((group) => group.kind !== "node");
      if (closed.length) open.add(closed[Math.floor(r() * closed.length)]!.id);
    }
    assert.equal(tree.cut(everything(tree)).shown.length, g.n);
  }
});

test("at the start at most sixty boxes show", () => {
  for (const n of [1, 5, 60, 61, 2_000, 40_000]) {
    const tree = new Tree(scoped(n, n, n % 2 === 0));
    assert.ok(tree.cut(tree.opened()).shown.length <= LIMIT);
  }
});

test("opening all stops at the most boxes that are drawn, and begins with what comes first", () => {
  const tree = new Tree(scoped(3, 3_000, true));
  const start = tree.opened();
  const n = (open: Set<string>): number => tree.cut(open).shown.length;
  for (const most of [n(start), 200, 1_000, 2_999]) {
    const { open, whole } = tree.deeper(start, most, () => false);
    assert.ok(n(open) <= most && n(open) > most - LIMIT && !whole, `${n(open)} of ${most}`);
    assert.ok([...start].every((id) => open.has(id)));
    scene(tree, open, false);
  }
  assert.ok(tree.deeper(start, 3_000, () => false).whole);
  const last = tree
    .cut(start)
    .shown.filter((group) => group.kind !== "node")
    .at(-1)!;
  const room = n(start) + last.children.length - 1;
  assert.ok(tree.deeper(start, room, (group) => group === last).open.has(last.id));
  assert.deepEqual([...tree.deeper(start, n(start), () => true).open], [...start]);
});

test("a level never shows more than its limit, and every group ends in nodes", () => {
  const tree = new Tree(graph(anyGraph(1, 3_000)));
  const stack = [tree.root];
  while (stack.length) {
    const group = stack.pop()!;
    assert.ok((group.children.length <= LIMIT && group.children.length !== 1) || group === tree.root);
    stack.push(...group.children.filter((child) => child.kind !== "node"));
  }
});

test("like leaves are one box", () => {
  const nodes: N[] = Array.from({ length: 784 }, () => ({}));
  for (let i = 0; i < 784; i++)
    nodes.push({
      op: "add",
      args: [
        [i, 1],
        [i ? 783 + i : 0, 1],
      ],
    });
  const tree = new Tree(graph(nodes));
  const leaves = tree.root.children.filter((group) => group.nodes.every((v) => v < 784));
  assert.ok(leaves.length < 10 && Math.max(...leaves.map((group) => group.nodes.length)) > 700);
});

test("a node is found in the tree", () => {
  const tree = new Tree(scoped(4, 2_000, true));
  for (const v of [0, 1, 999, 1_999]) {
    const leaf = tree.leafOf(v);
    assert.equal(leaf.node, v);
    assert.equal(tree.find(leaf.id), leaf);
  }
});

// -- search, comparison, address, words ------------------------------------------------------------------------------

test("search finds by name, op, line, module, bound and flag, and all words must hold", () => {
  const g = graph(
    [{ data: 2 }, { data: -3, flags: 1 }, { op: "multiply", args: [[0, 1]], data: -6, grad: 5, scope: 0 }],
    [["layer", -1]],
  );
  const found = (query: string): number[] => search(g, query);
  assert.deepEqual(found("v1"), [1]);
  assert.deepEqual(found("MULT"), [2]);
  assert.deepEqual(found("a.py:3"), [2]);
  assert.deepEqual(found("layer"), [2]);
  assert.deepEqual(found("grad>1"), [2]);
  assert.deepEqual(found("data<0"), [1, 2]);
  assert.deepEqual(found("|data|>=3 leaf"), [1]);
  assert.deepEqual(found("nan"), [1]);
  assert.deepEqual(found("nothing"), []);
  assert.deepEqual(found("  "), []);
});

test("two graphs are matched by module, op and number", () => {
  const a = graph([
    {},
    {},
    {
      op: "add",
      args: [
        [0, 1],
        [1, 1],
      ],
      data: 2,
    },
  ]);
  const b = graph([
    {},
    {},
    {
      op: "add",
      args: [
        [0, 1],
        [1, 1],
      ],
      data: 3,
    },
    { op: "tanh", args: [[2, 1]] },
  ]);
  assert.deepEqual([...match(a, b).other], [0, 1, 2]);
  assert.deepEqual([...match(a, b).changed], [0, 0, 1]);
  assert.deepEqual([...match(b, a).other], [0, 1, 2, -1]);
  assert.equal(match(b, a).added, 1);
  assert.equal(match(a, a).differing, 0);
});

/** A chain of layers, each a product with a weight and then tanh, of these local derivatives. */
function deep(n: number, product: number, slope: number, width = 1): N[] {
  const nodes: N[] = Array.from({ length: width }, () => ({}));
  let last = nodes.map((_, i) => i);
  for (let k = 0; k < n; k++) {
    const next = last.map((v) => {
      nodes.push(
        {},
        {
          op: "multiply",
          args: [
            [v, product],
            [nodes.length, 1],
          ],
        },
      );
      nodes.push({ op: "tanh", args: [[nodes.length - 1, slope]] });
      return nodes.length - 1;
    });
    last = next;
  }
  for (let k = 1; k < last.length; k++) {
    nodes.push({
      op: "add",
      args: [
        [k === 1 ? last[0]! : nodes.length - 1, 1],
        [last[k]!, 1],
      ],
    });
  }
  return nodes;
}

test("layers are counted by products with what no layer made", () => {
  const g = graph([
    ...deep(2, 1, 1),
    {
      op: "add",
      args: [
        [6, 1],
        [0, 1],
      ],
    },
    {
      op: "multiply",
      args: [
        [7, 1],
        [3, 1],
      ],
    },
  ]);
  assert.deepEqual([...layers(g)], [0, 0, 1, 1, 0, 2, 2, 2, 2]); // a product of two layers' results ends none
});

test("a gradient that vanishes or explodes layer by layer is an alarm, and its layers are told", () => {
  const check = (nodes: N[]): ReturnType<typeof trend> => trend(graph(nodes), sweep(graph(nodes)));
  const found = check(deep(8, 1, 0.25));
  assert.equal(found?.kind, "vanishing");
  assert.equal(found.sizes.length, 7); // the last layer is used by none
  assert.ok(agrees(found.factor, 0.25) && agrees(found.sizes[0]!, 0.25 ** 7) && agrees(found.sizes[6]!, 0.25));
  assert.equal(found.node, 3);
  assert.equal(check(deep(8, 4, 1, 3))?.kind, "exploding");
  assert.ok(agrees(check(deep(8, 4, 1, 3))!.sizes[6]!, Math.sqrt(3) * 4));
});

test("a healthy network of any depth, a shallow one, and one odd layer are no alarm", () => {
  const quiet = (nodes: N[]): void => assert.equal(trend(graph(nodes), sweep(graph(nodes))), null);
  quiet(deep(60, 1.02, 1, 4));
  quiet(deep(60, 0.95, 1));
  quiet(deep(4, 1, 0.01));
  const odd = deep(9, 1, 1);
  odd[12]!.args![0]![1] = 1e-8;
  quiet(odd);
  quiet(deep(9, 0, 1));
  quiet(deep(9, 1e200, 1)); // beyond what a float holds: those layers say nothing, and infinity has an alarm of its own
  quiet([{}]);
});

test("alarms begin where the trouble began", () => {
  const g = graph([
    { flags: 4 },
    { flags: 16 },
    { flags: 5 },
    { flags: 2 },
    { flags: 4 },
    { op: "add", args: [[0, 1]], flags: 64 },
    { flags: 64 },
  ]);
  assert.deepEqual(alarmed(g), [2, 3, 4, 0, 1, 6]);
});

test("a weight of an input that is zero is no alarm, one behind a dead unit is", () => {
  const times = (x: number): N[] => [
    { data: x },
    { flags: 64 },
    {
      op: "multiply",
      args: [
        [0, 1],
        [1, x],
      ],
    },
  ];
  assert.deepEqual(alarmed(graph(times(0))), []);
  assert.deepEqual(alarmed(graph(times(2))), [1]);
  assert.deepEqual(alarmed(graph([...times(0), { op: "tanh", args: [[1, 0]] }])), [1]);
});

test("an address brings back the state, and a wrong one nothing", () => {
  const state = {
    open: ["0", "0.1.2"],
    chosen: [3, 5],
    moment: { pass: "backward", k: 4 },
    by: "value",
    theme: "dark",
    which: 1,
    view: [1, -2, 0.5],
  } as const;
  assert.deepEqual(read(written({ ...state, open: [...state.open], chosen: [...state.chosen], view: [...state.view] })), state);
  assert.deepEqual(read("#o=..._x&s=-1_a&backward=-3&c=red&t=pink&v=1_2"), { which: 0, open: [], chosen: [] });
});

test("the product along a path has every factor, and of a long one those that are not 1", () => {
  const along = (locals: number[]): string => {
    const g = graph([{}, ...locals.map((x, i): N => ({ op: "add", args: [[i, x]] }))]);
    return product(g, [...locals.keys()]);
  };
  assert.equal(along([0.5]), "0.5");
  assert.equal(along([2, 1, -3]), "(−3) × 1 × 2 = −6");
  const ones = Array.from({ length: 20 }, () => 1);
  assert.equal(along([2, ...ones, -3]), "(−3) × 2 × 1 (20 times) = −6");
  assert.equal(along(ones), "1");
  assert.equal(along(ones.map(() => 2)), "2 × 2 × 2 × 2 × 2 × … 10 more … × 2 × 2 × 2 × 2 × 2 = 1.04858e6");
});

test("numbers and names in few characters", () => {
  assert.deepEqual(
    [0, -0.5, 1234567, 1e-9, NaN, -Infinity, 1 / 3].map((x) => number(x)),
    ["0", "−0.5", "1.235e6", "1e−9", "nan", "−inf", "0.3333"],
  );
  assert.equal(cut("a\nb"), "a\\nb");
  assert.equal(visible("\ud800"), "\\ud800");
  assert.equal([...cut("👩".repeat(50), 9)].length, 9);
});

test("another format is refused", () => {
  assert.throws(() => new Graph({ ...document([{}]), format: "tinygrad_edu.graph/2" }), /format/);
});
