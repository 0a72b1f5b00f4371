/** Numbers, names and boxes in words. */

import { Flag, type Graph, Holds } from "./data.js";
import { type Group } from "./tree.js";

/** A number in few characters: 4 significant digits. */
export function number(x: number, digits = 4): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "−inf";
  if (x === 0) return "0";
  const size = Math.abs(x);
  const text =
    size >= 1e6 || size < 1e-4
      ? x
          .toExponential(digits - 1)
          .replace(/\.?0+e/, "e")
          .replace("e+", "e")
      : String(Number(x.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

export const thousands = (n: number | bigint): string => n.toLocaleString("en-US");

/** `text` on one line and without its middle, if it is too long. */
export function cut(text: string, longest = 28): string {
  const line = visible(text);
  const characters = [...line];
  const half = (longest - 1) >> 1;
  return characters.length <= longest ? line : `${characters.slice(0, half).join("")}…${characters.slice(-half).join("")}`;
}

/** Characters that cannot be seen, written out. */
export function visible(text: string): string {
  return text
    .replace(/\n/g, "\\n")
    .replace(/[\u0000-\u001f\u007f\ud800-\udfff]/gu, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, "0")}`);
}

export function shape(g: Graph, v: number, typed = true): string {
  const sizes = g.tables.shapes[g.shape[v]!] ?? [];
  const dtype = g.tables.dtypes[g.dtype[v]!] ?? "";
  return `(${sizes.join(", ")}${sizes.length === 1 ? "," : ""})${typed && dtype && dtype !== "float64" ? ` ${dtype}` : ""}`;
}

/** The data or the gradient of a node in one line. */
export function value(g: Graph, v: number, gradient: boolean, digits = 4): string {
  const exact = g.tables.exact[(gradient ? g.gradExact : g.exact)[v]!];
  if (exact !== undefined) return cut(exact);
  const info = g.array(v, gradient);
  if (info)
    return info.least === info.most ? `all ${number(info.least, 3)}` : `${number(info.least, 3)} … ${number(info.most, 3)}`;
  const holds = (gradient ? g.gradHolds : g.holds)[v]!;
  if (holds === Holds.number) return number((gradient ? g.grad : g.data)[v]!, digits);
  if (holds === Holds.several) return "several results";
  return gradient ? "none" : "not kept";
}

/** What is wrong, in a word for each flag; the words that search knows are `nan`, `dead` and so on: see `search.ts`. */
const WRONG: [number, string][] = [
  [Flag.nan, "NaN"],
  [Flag.inf, "infinite"],
  [Flag.gradNan, "NaN gradient"],
  [Flag.gradInf, "infinite gradient"],
  [Flag.vanishing, "vanishing gradient"],
  [Flag.exploding, "exploding gradient"],
  [Flag.dead, "dead"],
  [Flag.saturated, "saturated"],
  [Flag.zeroGrad, "zero gradient"],
  [Flag.changed, "changed since"],
];

/** What is wrong with a node. */
export const alarms = (flags: number): string[] => WRONG.filter(([flag]) => flags & flag).map(([, word]) => word);

/** What is wrong in a group, and with how many: `3 NaN, 1 dead`. */
export function counted(g: Graph, nodes: number[], mask: number): string {
  const found = WRONG.map(
    ([flag, word]) => [nodes.reduce((n, v) => n + (g.flags[v]! & flag & mask ? 1 : 0), 0), word] as const,
  );
  return found
    .filter(([n]) => n)
    .map(([n, word]) => `${thousands(n)} ${word}`)
    .join(", ");
}

/** A norm, short enough for an edge. */
export const norm = (x: number): string => `‖${number(x, x < 1e-3 ? 2 : 3)}‖`;

/** The op of a node with its options, as a box shows it. */
export function opText(g: Graph, v: number): string {
  const op = g.opOf(v);
  const options = g.tables.options[g.options[v]!];
  return op ? `${op.symbol || op.name}${options ? ` ${options}` : ""}` : "";
}

/** The lines of a box; the first is its title. */
export function lines(g: Graph, group: Group, gradients: boolean): string[] {
  if (group.kind === "node") return nodeLines(g, group.node, gradients);
  const found = [cut(group.title, 32)];
  const ops = histogram(g, group.nodes);
  if (ops) found.push(ops);
  const leaves = group.nodes.filter((v) => g.isLeaf(v));
  if (group.kind === "module") found.push(`${thousands(group.nodes.length)} nodes`);
  if (!ops) {
    const [first, last] = [g.labelOf(leaves[0]!), g.labelOf(leaves[leaves.length - 1]!)];
    if (first && first !== last) found.push(cut(`${first} … ${last}`));
  }
  if (group.kind === "fold") {
    found.push(`data ${range(g, group.nodes, false)}`);
    if (gradients) found.push(`grad ${range(g, group.nodes, true)}`);
  }
  const wrong = counted(g, group.nodes, ~QUIET);
  if (wrong) found.push(`⚠ ${wrong}`);
  return found;
}

/** What a box does not say: a gradient of zero can be read, and is right in most places. */
const QUIET = Flag.zeroGrad | Flag.changed;

function nodeLines(g: Graph, v: number, gradients: boolean): string[] {
  const label = g.labelOf(v);
  const op = opText(g, v);
  const title = op ? (label ? `${cut(op, 20)}  ${cut(label, 20)}` : cut(op)) : cut(label || "value");
  const found = [title];
  if (g.tables.shapes[g.shape[v]!]?.length || g.tables.dtypes[g.dtype[v]!] !== "float64") found.push(shape(g, v));
  found.push(`data ${value(g, v, false)}`);
  if (gradients) found.push(`grad ${value(g, v, true)}`);
  const wrong = alarms(g.flags[v]! & ~Flag.zeroGrad);
  if (wrong.length) found.push(`⚠ ${wrong.join(", ")}`);
  return found;
}

function histogram(g: Graph, nodes: number[], most = 3): string {
  const counts = new Map<number, number>();
  for (const v of nodes) if (!g.isLeaf(v)) counts.set(g.op[v]!, (counts.get(g.op[v]!) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const text = sorted.slice(0, most).map(([op, n]) => `${g.tables.ops[op]!.symbol || g.tables.ops[op]!.name} ×${thousands(n)}`);
  return text.join("  ") + (sorted.length > most ? " …" : "");
}

function range(g: Graph, nodes: number[], gradient: boolean): string {
  let [least, most] = [Infinity, -Infinity];
  for (const v of nodes) {
    const info = g.array(v, gradient);
    const [low, high] = info ? [info.least, info.most] : scalar(g, v, gradient);
    if (low < least) least = low;
    if (high > most) most = high;
  }
  if (least > most) return "none";
  return least === most ? `all ${number(least, 3)}` : `${number(least, 3)} … ${number(most, 3)}`;
}

function scalar(g: Graph, v: number, gradient: boolean): [number, number] {
  if ((gradient ? g.gradHolds : g.holds)[v] !== Holds.number) return [Infinity, -Infinity];
  const x = (gradient ? g.grad : g.data)[v]!;
  return [x, x];
}

const MOST_SPOKEN = 4;

/** The name that a screen reader says. */
export function spoken(g: Graph, group: Group, open: boolean): string {
  if (group.kind !== "node")
    return `${open ? "open" : "closed"} ${group.kind === "module" ? "module" : "group"} ${visible(group.title)}, ${thousands(group.nodes.length)} nodes`;
  const v = group.node;
  const op = g.opOf(v)?.name ?? "leaf";
  const from = [...g.arg.subarray(g.start[v]!, g.start[v + 1]!)].map((a) =>
    a < 0 ? (g.constantOf(a)?.text ?? "nothing") : g.name(a),
  );
  const parts = [
    from.length
      ? `${op} of ${from.slice(0, MOST_SPOKEN).map(visible).join(", ")}${from.length > MOST_SPOKEN ? " and more" : ""}`
      : op,
    visible(g.labelOf(v)),
    `data ${value(g, v, false)}`,
    `gradient ${value(g, v, true)}`,
    ...alarms(g.flags[v]!),
  ];
  return parts.filter(Boolean).join(", ");
}
