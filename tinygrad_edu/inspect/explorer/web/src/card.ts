/** The card of a node: what it is and holds, its formula with the numbers put in, and what the chain rule makes of it. */

import { type Paths, agrees, count, pathSum, strongest } from "./backward.js";
import { type Palette } from "./colors.js";
import { type Twin, difference } from "./compare.js";
import { type ArrayInfo, Flag, Kind, type Graph, Holds, type Source, Sums } from "./data.js";
import { el, formula } from "./dom.js";
import { shades } from "./painters.js";
import { type Trend } from "./trend.js";
import { type Group } from "./tree.js";
import { alarms, counted, cut, norm, number, opText, shape, thousands, value, visible } from "./words.js";

export interface CardHost {
  graph: Graph;
  palette: Palette;
  trend: Trend | null;
  gradient(v: number): number | null;
  paths(v: number): Paths;
  go(v: number): void;
  /** The same node in the other graph of a comparison. */
  twin(v: number): Twin | null;
}

const MOST_FACTORS = 10;
const MOST_ROWS = 12;

/** The card of a single node. */
export function nodeCard(host: CardHost, v: number): HTMLElement[] {
  const g = host.graph;
  const op = g.opOf(v);
  const title = el("h2", {}, op ? `${opText(g, v)} ` : "", el("b", {}, visible(g.labelOf(v)) || (op ? "" : "value")));
  const wrong = alarms(g.flags[v]!);
  const source = g.sourceOf(v);
  const rows: [string, string | Node][] = [
    ["value", value(g, v, false, 10)],
    ["gradient", gradient(host, v)],
    ["shape", shape(g, v)],
    ["dtype", g.tables.dtypes[g.dtype[v]!] ?? ""],
    ["op", op ? op.name : "leaf: no call made it"],
    ["source", source ? sourceLine(source) : ""],
    ["module", cut(g.module(v), 160)],
    ["tape", `${g.index[v]}, node ${v}`],
  ];
  return [
    title,
    ...(wrong.length ? [el("p", { className: "alarm" }, `⚠ ${wrong.join(", ")}`)] : []),
    ...trendSection(host, v),
    list(rows.filter(([, text]) => text)),
    ...pictures(host, v),
    ...twinSection(host, v),
    ...(op ? [el("h3", {}, "Formula"), ...formulas(g, v)] : []),
    ...(op ? [argumentTable(host, v)] : []),
    ...pathSection(host, v),
    ...uses(host, v),
  ];
}

function sourceLine({ file, line, text }: Source): HTMLElement {
  const name = visible(file.split(/[\\/]/).pop() ?? "");
  return el("span", {}, `${name}:${line} `, el("code", {}, visible(text)));
}

function gradient(host: CardHost, v: number): string {
  const g = host.graph;
  if (g.gradHolds[v] !== Holds.none) return value(g, v, true, 10);
  const computed = host.gradient(v);
  return computed === null ? "none reached it" : `${number(computed, 10)} (computed here)`;
}

/** What the gradients do from layer to layer, on the node that has the alarm. */
function trendSection({ graph, trend }: CardHost, v: number): HTMLElement[] {
  if (!trend || !(graph.flags[v]! & Flag[trend.kind])) return [];
  const sizes = trend.sizes.map((x) => number(x, 2));
  if (sizes.length > MOST_ROWS) sizes.splice(MOST_ROWS / 2, sizes.length - MOST_ROWS, "…");
  return [
    el(
      "p",
      {},
      `From layer to layer backward multiplies the gradient by ${number(trend.factor, 2)} (median of ${trend.sizes.length - 1}). Its norm, first layer to last: ${sizes.join(", ")}.`,
    ),
  ];
}

function list(rows: [string, string | Node][]): HTMLElement {
  return el("dl", {}, ...rows.flatMap(([term, text]) => [el("dt", {}, term), el("dd", {}, text)]));
}

function pictures(host: CardHost, v: number): HTMLElement[] {
  const out: HTMLElement[] = [];
  for (const gradient of [false, true]) {
    const info = host.graph.array(v, gradient);
    if (!info) continue;
    const words =
      `${number(info.least)} … ${number(info.most)}, mean ${number(info.mean)}, norm ${number(info.norm)}, ${thousands(info.zero)} zeros` +
      (info.nan ? `, ${thousands(info.nan)} NaN` : "") +
      (info.inf ? `, ${thousands(info.inf)} infinite` : "");
    out.push(figure(info, host.palette, `${gradient ? "gradient" : "data"}: ${words}`));
  }
  return out;
}

const figure = (info: ArrayInfo, p: Palette, caption: string): HTMLElement =>
  el("figure", {}, thumbnail(info, p), el("figcaption", {}, caption));

/** What a comparison says of a node, and how far it can tell. */
function twinSection(host: CardHost, v: number): HTMLElement[] {
  const twin = host.twin(v);
  if (!twin) return [];
  const head = el("h3", {}, "Compared with the other graph");
  if (twin.node < 0) return [head, el("p", {}, "Only in this graph.")];
  const [g, other] = [host.graph, twin.graph];
  if (!twin.changed) return [head, el("p", {}, "The same in both, to the last bit.")];
  const rows = [false, true].map((of): [string, string] => [
    of ? "gradient" : "value",
    `${value(g, v, of, 6)}, there ${value(other, twin.node, of, 6)}`,
  ]);
  const there = shape(other, twin.node);
  if (there !== shape(g, v)) rows.push(["shape", `${shape(g, v)}, there ${there}`]);
  const pictures = [false, true].flatMap((of) => {
    const apart = difference(g.array(v, of), other.array(twin.node, of));
    const said = `${of ? "gradient" : "data"} here − there`;
    return apart ? [figure(apart, host.palette, `${said}: ${number(apart.least)} … ${number(apart.most)}`)] : [];
  });
  const how =
    "Arrays are compared entry by entry, by a digest of all of them. Where they differ, a picture of at most 28 × 28 block means can show; a change inside a block that keeps its mean is not seen there.";
  return [head, list(rows), ...pictures, ...(g.holds[v] === Holds.array ? [el("p", { className: "faint" }, how)] : [])];
}

function thumbnail(info: ArrayInfo, p: Palette): HTMLElement {
  const canvas = el("canvas", {
    width: Math.max(1, info.columns),
    height: Math.max(1, info.rows),
    className: "thumb",
    "aria-hidden": "true",
  });
  const scale = 84 / Math.max(info.rows, info.columns, 1);
  Object.assign(canvas.style, {
    width: `${Math.max(6, info.columns * scale)}px`,
    height: `${Math.max(6, info.rows * scale)}px`,
  });
  if (info.pixels.length) {
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(info.columns, info.rows);
    image.data.set(shades(info, p));
    context.putImageData(image, 0, 0);
  }
  return canvas;
}

/** The formula of the op, its derivatives, and the formula with the numbers put in. */
function formulas(g: Graph, v: number): HTMLElement[] {
  const op = g.opOf(v)!;
  const out: HTMLElement[] = [
    el(
      "p",
      { className: "formula" },
      formula(op.mathml) ?? el("code", {}, op.text ? `y = ${op.text}` : `y = ${op.name}(${op.inputs.join(", ")})`),
    ),
  ];
  for (const p of op.partials) {
    const text = p.text ? `${p.left} = ${p.text}` : "";
    const made = formula(p.mathml) ?? (text && el("code", {}, text));
    if (made) out.push(el("p", { className: "formula" }, made));
  }
  if (g.holds[v] === Holds.number) out.push(el("p", { className: "put-in" }, putIn(g, v)));
  return out;
}

/** `3 × 2 = 6`. */
export function putIn(g: Graph, v: number): string {
  const op = g.opOf(v)!;
  const numbers: string[] = [];
  for (let e = g.start[v]!; e < g.start[v + 1]!; e++) numbers.push(argumentValue(g, e));
  const brackets = (text: string): string => (text.startsWith("−") ? `(${text})` : text);
  const left =
    op.symbol && numbers.length === 2
      ? `${numbers[0]} ${op.symbol} ${brackets(numbers[1]!)}`
      : `${op.name}(${numbers.slice(0, MOST_ROWS).join(", ")}${numbers.length > MOST_ROWS ? ", …" : ""})`;
  return `${left} = ${value(g, v, false, 6)}`;
}

function argumentValue(g: Graph, e: number): string {
  const a = g.arg[e]!;
  if (a >= 0) return value(g, a, false, 6);
  const constant = g.constantOf(a);
  return constant ? (typeof constant.number === "number" ? number(constant.number, 6) : constant.text) : "none";
}

function argumentTable(host: CardHost, v: number): HTMLElement {
  const g = host.graph;
  const [first, end] = [g.start[v]!, g.start[v + 1]!];
  const shown = Array.from({ length: Math.min(end - first, MOST_ROWS) }, (_, k) => first + k);
  const slopes = shown.some((e) => g.kind[e] !== Kind.array && g.kind[e] !== Kind.constant);
  const cells = (tag: "td" | "th", ...texts: (string | Node)[]): HTMLElement =>
    el("tr", {}, ...texts.filter((_, k) => slopes || k !== 3).map((text) => el(tag, {}, text)));
  const { inputs } = g.opOf(v)!;
  const rows = shown.map((e) => {
    const who = g.arg[e]! >= 0 ? goTo(host, g.arg[e]!) : "constant";
    const name = inputs[Math.min(e - first, inputs.length - 1)] ?? "";
    return cells("td", name, who, argumentValue(g, e), ...slope(g, e, host.gradient(v)));
  });
  const left = end - first - MOST_ROWS;
  return el(
    "table",
    {},
    el("thead", {}, cells("th", "", "argument", "value", "∂y/∂·", "flows back")),
    el("tbody", {}, ...rows),
    left > 0 && el("caption", {}, `and ${thousands(left)} more`),
  );
}

/** The local derivative of an argument, and what it makes of the gradient. */
function slope(g: Graph, e: number, upstream: number | null): [string, string] {
  const [kind, local] = [g.kind[e], g.local[e]!];
  if (kind === Kind.none) return ["none", "nothing flows"];
  if (kind === Kind.unknown) return ["not kept", ""];
  if (kind === Kind.array)
    return ["array", Number.isNaN(g.norm[e]) ? "" : `${norm(g.norm[e]!)}, mean ${number(g.mean[e]!, 3)}`];
  return kind === Kind.constant ? ["—", ""] : [number(local, 6), upstream === null ? "" : number(local * upstream, 6)];
}

function goTo(host: CardHost, v: number): HTMLElement {
  const g = host.graph;
  return el(
    "button",
    { type: "button", className: "link", onclick: () => host.go(v) },
    visible(g.name(v)).slice(0, 40) || "value",
  );
}

// -- paths -------------------------------------------------------------------------------------------------------------

/** The strongest path to where backward started, how many there are, and whether their sum is the gradient. */
function pathSection(host: CardHost, v: number): HTMLElement[] {
  const g = host.graph;
  const p = host.paths(v);
  const sum = pathSum(g, p);
  if (!sum) return [el("h3", {}, "Paths"), el("p", {}, "No path leads from here to an output: nothing flows back.")];
  if (sum.to === v) return [el("h3", {}, "Paths"), el("p", {}, "Backward starts here."), verdict(g, v, sum.value, sum.known)];
  const ways = `${thousands(sum.paths)} ${sum.paths === 1n ? "path" : "paths"} to ${visible(g.name(sum.to))}`;
  const out: HTMLElement[] = [
    el("h3", {}, "Paths"),
    el("p", { "data-paths": String(sum.paths) }, `${ways}; the strongest is lit.`),
  ];
  out.push(el("p", { className: "product" }, product(g, strongest(g, p, sum.to))));
  out.push(verdict(g, v, sum.value, sum.known));
  return out;
}

/** The chain rule on one path: the local derivatives and their product. */
export function product(g: Graph, path: number[]): string {
  if (!path.length) return "This is where backward starts.";
  if (path.some((e) => g.kind[e] !== Kind.number))
    return `${path.length} steps, some through arrays: there the gradient comes back by the formula of the op.`;
  const factors = [...path].reverse().map((e) => g.local[e]!);
  const total = number(
    factors.reduce((a, b) => a * b, 1),
    6,
  );
  const long = factors.length > MOST_FACTORS; // then those that are 1 are counted only
  const shown = factors.filter((x) => !long || x !== 1).map((x) => (x < 0 ? `(${number(x)})` : number(x)));
  const ones = factors.length - shown.length;
  if (shown.length > MOST_FACTORS)
    shown.splice(MOST_FACTORS / 2, shown.length - MOST_FACTORS, `… ${shown.length - MOST_FACTORS} more …`);
  if (ones) shown.push(`1 (${thousands(ones)} times)`);
  return shown.length > 1 ? `${shown.join(" × ")} = ${total}` : total;
}

function verdict(g: Graph, v: number, sum: number, known: boolean): HTMLElement {
  const because = ": another backward added to it, or data changed since";
  if (!known) {
    const sums = g.array(v, true)?.sums;
    const parts = g.useStart[v + 1]! - g.useStart[v]!;
    const what =
      parts === 1 ? "What flows back from its one use" : `The sum of what flows back from its ${thousands(parts)} uses`;
    if (sums === Sums.same) return el("p", { className: "sum right", "data-right": true }, `${what} = gradient ✓`);
    if (sums === Sums.different)
      return el("p", { className: "sum wrong", "data-right": false }, `${what} ≠ gradient${because}`);
    return el("p", {}, "Some paths run through arrays, so that there is no one number for each; see the statistics.");
  }
  const head = `Sum over all paths = ${number(sum, 8)}`;
  if (g.gradHolds[v] !== Holds.number)
    return el("p", { className: "sum" }, `${head} (backward left no gradient here to compare)`);
  const right = agrees(sum, g.grad[v]!, 1e-12);
  const why = right ? " = gradient ✓" : ` ≠ gradient ${number(g.grad[v]!, 8)}${because}`;
  return el("p", { className: right ? "sum right" : "sum wrong", "data-sum": sum, "data-right": right }, head + why);
}

/** Two nodes: what one does to the other. */
export function pairCard(host: CardHost, from: number, to: number): HTMLElement[] {
  const g = host.graph;
  const p = host.paths(from);
  const [a, b] = [visible(g.name(from)), visible(g.name(to))];
  if (!p.reached[to]) return [el("h2", {}, "Two nodes"), el("p", {}, `No path leads from ${a} to ${b}.`)];
  const n = count(g, from, to);
  const known = p.known[to] === 1 && g.holds[from] === Holds.number && g.holds[to] === Holds.number;
  return [
    el("h2", {}, `∂ ${b} / ∂ ${a}`),
    list([
      ["from", goTo(host, from)],
      ["to", goTo(host, to)],
      ["paths", thousands(n)],
      ["derivative", known ? number(p.sum[to]!, 10) : "through arrays: no one number"],
    ]),
    el(
      "p",
      { className: "product", "data-derivative": known ? p.sum[to]! : "" },
      `Strongest: ${product(g, strongest(g, p, to))}`,
    ),
    el("p", { className: "faint" }, "Only the paths between the two are lit. Escape ends this."),
  ];
}

function uses(host: CardHost, v: number): HTMLElement[] {
  const g = host.graph;
  const found = g.use.subarray(g.useStart[v]!, g.useStart[v + 1]!);
  if (!found.length) return [];
  const links = [...found.subarray(0, 8)].map((e) => goTo(host, g.owner[e]!));
  const more = found.length > 8 ? ` and ${thousands(found.length - 8)} more` : "";
  return [el("h3", {}, `Used ${thousands(found.length)} ×`), el("p", { className: "uses" }, ...links, more)];
}

/** The card of a module or of several nodes in one box. */
export function groupCard(host: CardHost, group: Group): HTMLElement[] {
  const g = host.graph;
  const counts = new Map<string, number>();
  for (const v of group.nodes) {
    const name = g.opOf(v)?.name ?? "leaf";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const wrong = counted(g, group.nodes, ~0);
  const rows: [string, string][] = [["nodes", thousands(group.nodes.length)]];
  for (const [name, n] of [...counts].sort((a, b) => b[1] - a[1]).slice(0, 10)) rows.push([name, `× ${thousands(n)}`]);
  return [
    el("h2", {}, visible(group.title)),
    ...(wrong ? [el("p", { className: "alarm" }, `⚠ ${wrong}`)] : []),
    list(rows),
    el(
      "p",
      { className: "faint" },
      "Click it, or press e, to open it here; click the frame's title, or press c, to close it again.",
    ),
  ];
}
