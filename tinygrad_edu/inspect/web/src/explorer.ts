/** The explorer: the graph, what is open in it, what is chosen, and where the time is. */

import { type Paths, type Sweep, between, paths, pathSum, seeds, strongest, sweep } from "./backward.js";
import { type CardHost, groupCard, nodeCard, pairCard } from "./card.js";
import { type ColorBy, PALETTES, type Palette, type Theme, largest } from "./colors.js";
import { type Match, match } from "./compare.js";
import { type Document, Graph, Holds, Kind } from "./data.js";
import { download, el } from "./dom.js";
import { type Look, SvgPainter, paint } from "./paint.js";
import { type Box, type Scene, scene } from "./scene.js";
import { search } from "./search.js";
import { type Moment, Steps, backwardStory, forwardStory } from "./steps.js";
import { STYLE } from "./style.js";
import { Bar } from "./bar.js";
import { type Group, Tree } from "./tree.js";
import { View } from "./view.js";
import { bad, number, spoken, value } from "./words.js";

export interface Options {
  /** A second graph to compare with. */
  other?: Document | null;
  /** Keep the state in the address of the page. */
  hash?: boolean;
  theme?: Theme | "auto";
  /** The wheel zooms only where the explorer has the focus, so that it does not catch a scrolling page. */
  wheelNeedsFocus?: boolean;
  height?: string;
  title?: string;
  /** Called with the number of a node when the reader chooses it. */
  onSelect?: (node: number) => void;
}

const MOST_OPEN = 4_000; // boxes that "open all" shows

export class Explorer {
  graph: Graph;
  tree: Tree;
  sweep: Sweep;
  scene: Scene;
  open: Set<string>;
  selected = -1;
  second = -1;
  focused = -1;
  by: ColorBy = "gradient";
  readonly view: View;
  readonly steps: Steps;
  private readonly root: HTMLElement;
  private readonly card = el("aside", { "aria-label": "about the node", tabIndex: 0 });
  private readonly bar: Bar;
  private readonly graphs: Graph[];
  private readonly matches: Match[] = [];
  private which = 0;
  private theme: Theme;
  private palette: Palette;
  private most = 1;
  private hovered: Group | null = null;
  private known: Paths | null = null;
  private firstReached: Int32Array = new Int32Array(0);
  private cached: Look | null = null;
  private alarm = -1;

  constructor(private readonly host: HTMLElement, private readonly document: Document, private readonly options: Options = {}) {
    this.graphs = [new Graph(document), ...(options.other ? [new Graph(options.other)] : [])];
    if (this.graphs[1]) this.matches = [match(this.graphs[0]!, this.graphs[1]), match(this.graphs[1], this.graphs[0]!)];
    this.theme = options.theme && options.theme !== "auto" ? options.theme : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    this.palette = PALETTES[this.theme];
    this.steps = new Steps((moment) => this.stepped(moment));
    this.view = new View({
      press: (box, event) => this.pressed(box, event), close: (frame) => this.close(frame.group), hover: (box) => this.hover(box),
      focus: (box) => this.focusedBox(box), name: (box) => spoken(this.graph, box.group, false), look: () => this.look(), moved: () => this.remember(),
    }, options.wheelNeedsFocus ?? false);
    this.bar = new Bar(this, options.title ?? "", this.matches);
    this.root = el("div", { className: "tge", role: "region", "aria-label": "graph explorer" }, this.bar.element, this.view.element, this.card, this.steps.element, this.bar.help);
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    shadow.adoptedStyleSheets = [style];
    shadow.replaceChildren(this.root);
    if (options.height) this.root.style.setProperty("--height", options.height);
    this.root.addEventListener("keydown", (event) => this.key(event));
    [this.graph, this.tree, this.sweep, this.open, this.scene] = this.load(0);
    this.themed(this.theme);
    this.recall();
  }

  destroy(): void {
    this.steps.stop();
    this.view.destroy();
    this.host.shadowRoot?.replaceChildren();
  }

  // -- graphs ------------------------------------------------------------------------------------------------------------

  private load(which: number): [Graph, Tree, Sweep, Set<string>, Scene] {
    const graph = this.graphs[which]!;
    const tree = new Tree(graph);
    const run = sweep(graph);
    const open = tree.opened();
    const made = scene(tree, open, this.gradients(graph));
    [this.graph, this.tree, this.sweep, this.open, this.scene] = [graph, tree, run, open, made];
    this.which = which;
    this.firstReached = reachedAt(graph, run);
    this.most = largest(graph, this.by);
    [this.selected, this.second, this.known, this.alarm] = [-1, -1, null, -1];
    this.steps.reset(run.steps.length, graph.n);
    this.bar.about(graph, which);
    this.view.show(made);
    this.view.fit();
    this.select(graph.outputs[0] ?? -1, false);
    return [graph, tree, run, open, made];
  }

  private gradients(g: Graph): boolean {
    return g.gradHolds.some((holds) => holds !== Holds.none);
  }

  /** The other graph of a comparison. */
  swap(): void {
    if (this.graphs[1]) this.load(1 - this.which);
  }

  // -- opening and closing -----------------------------------------------------------------------------------------------

  private relay(open: Set<string>, keep?: Group): void {
    const from = keep && this.placeOf(keep);
    const made = scene(this.tree, open, this.gradients(this.graph));
    const focus = this.focused >= 0 ? this.scene.boxes[this.focused]?.group : undefined;
    [this.open, this.scene, this.hovered] = [open, made, null];
    this.focused = focus ? made.boxes.findIndex((b) => b.group.id === focus.id) : -1;
    const to = keep && this.placeOf(keep);
    this.changed();
    this.view.show(made, from && to ? { from, to } : undefined);
    this.bar.counted(made.boxes.length);
  }

  /** The corner of a group's box or frame in the scene, or that of what it is in. */
  private placeOf(group: Group): [number, number] | undefined {
    for (let at: Group | null = group; at; at = at.parent) {
      const id = at.id;
      const found = this.scene.boxes.find((b) => b.group.id === id) ?? this.scene.frames.find((f) => f.group.id === id);
      if (found) return [found.x, found.y];
    }
    return undefined;
  }

  expand(group: Group): void {
    if (group.kind === "node" || this.open.has(group.id)) return;
    this.relay(new Set([...this.open, group.id]), group);
    const first = this.scene.boxes.findIndex((b) => b.group.path.includes(group));
    if (this.focused < 0 && first >= 0) this.view.focus(first);
  }

  close(group: Group): void {
    const left = [...this.open].filter((id) => id !== group.id && !id.startsWith(`${group.id}.`));
    this.relay(new Set(left), group);
    this.view.focus(this.scene.boxes.findIndex((b) => b.group.id === group.id));
  }

  expandAll(): void {
    const open = this.tree.all();
    if (this.graph.n > MOST_OPEN) return this.steps.say(`open all would show ${this.graph.n.toLocaleString("en-US")} boxes; at most ${MOST_OPEN.toLocaleString("en-US")} are drawn at once. Open what you want to see.`);
    this.relay(open);
    this.view.fit();
  }

  collapseAll(): void {
    this.relay(this.tree.opened());
    this.view.fit();
  }

  /** Open what a node is in, bring it into sight and choose it. */
  reveal(v: number): void {
    const leaf = this.tree.leafOf(v);
    const wanted = leaf.path.slice(0, -1).map((group) => group.id);
    if (wanted.some((id) => !this.open.has(id))) this.relay(new Set([...this.open, ...wanted]));
    this.select(v);
    this.view.reveal(this.scene.home[v]!, true);
    this.view.focus(this.scene.home[v]!);
  }

  // -- choosing ----------------------------------------------------------------------------------------------------------

  private pressed(i: number, event: MouseEvent | KeyboardEvent): void {
    const group = this.scene.boxes[i]?.group;
    if (!group) return;
    if (group.kind !== "node") return this.expand(group);
    if (event.shiftKey && this.selected >= 0 && this.selected !== group.node) return this.pair(this.selected, group.node);
    this.select(group.node);
    this.options.onSelect?.(group.node);
  }

  select(v: number, light = true): void {
    this.selected = v;
    this.second = -1;
    this.lighting = light;
    this.changed();
    if (v >= 0) this.card.replaceChildren(...nodeCard(this.cardHost, v));
  }

  private lighting = false;

  /** Only the paths between two nodes. */
  pair(a: number, b: number): void {
    [this.selected, this.second] = a < b ? [a, b] : [b, a];
    this.changed();
    this.card.replaceChildren(...pairCard(this.cardHost, this.selected, this.second));
  }

  private hover(i: number): void {
    const group = i < 0 ? null : this.scene.boxes[i]!.group;
    if (group === this.hovered) return;
    this.hovered = group;
    this.changed();
    if (this.second >= 0) return;
    if (group) this.card.replaceChildren(...(group.kind === "node" ? nodeCard(this.cardHost, group.node) : groupCard(this.cardHost, group)));
    else if (this.selected >= 0) this.card.replaceChildren(...nodeCard(this.cardHost, this.selected));
  }

  private focusedBox(i: number): void {
    this.focused = i;
    this.view.reveal(i);
    this.hover(i);
    this.changed();
  }

  private get cardHost(): CardHost {
    return {
      graph: this.graph, palette: this.palette,
      adjoint: (v) => (this.graph.gradHolds[v] === Holds.number ? this.graph.grad[v]! : this.sweep.reached[v] && this.sweep.known[v] ? this.sweep.adjoint[v]! : null),
      paths: (v) => (this.known?.from === v ? this.known : (this.known = paths(this.graph, v))),
      go: (v) => this.reveal(v), compared: (v) => this.compared(v),
    };
  }

  private compared(v: number): [string, string][] {
    const other = this.graphs[1 - this.which];
    const w = this.matches[this.which]?.other[v];
    if (!other || w === undefined) return [];
    if (w < 0) return [["compare", "only in this graph"]];
    const same = !this.matches[this.which]!.changed[v];
    return [["compare", same ? "the same in both" : `other: data ${value(other, w, false, 6)}, gradient ${value(other, w, true, 6)}`]];
  }

  /** Choose the first node that went wrong; then the next one. */
  nextAlarm(): void {
    const wrong = alarmed(this.graph);
    if (!wrong.length) return this.steps.say("Every number is finite, and no unit is dead or saturated.");
    this.alarm = (this.alarm + 1) % wrong.length;
    this.reveal(wrong[this.alarm]!);
  }

  find(query: string): number[] {
    return search(this.graph, query);
  }

  // -- the look ----------------------------------------------------------------------------------------------------------

  color(by: ColorBy): void {
    this.by = by;
    this.most = largest(this.graph, by);
    this.bar.colored(by);
    this.changed();
  }

  toggleTheme(): void {
    this.themed(this.theme === "light" ? "dark" : "light");
  }

  private themed(theme: Theme): void {
    this.theme = theme;
    this.palette = PALETTES[theme];
    this.root.dataset["theme"] = theme;
    this.changed();
  }

  /** Something that is drawn is not as it was. */
  private changed(): void {
    this.cached = null;
    this.view.request();
    this.remember();
  }

  look(): Look {
    return (this.cached ??= this.made());
  }

  private made(): Look {
    const lit = new Map<number, string>();
    const look: Look = {
      graph: this.graph, palette: this.palette, by: this.by, most: this.most, dim: null, lit, litBoxes: new Set(), focus: this.focused,
      selected: new Set([this.selected, this.second].filter((v) => v >= 0).map((v) => this.scene.home[v]!)), badge: (box) => this.badge(box),
    };
    const { pass, k } = this.steps.moment;
    if (pass === "backward") this.lightStep(look, this.sweep.steps[k - 1]!, (v) => this.firstReached[v]! <= k, true);
    else if (pass === "forward") this.lightStep(look, k - 1, (v) => v < k, false);
    else if (this.second >= 0) this.lightPair(look);
    else this.lightPath(look);
    return look;
  }

  private lightStep(look: Look, v: number, reached: (v: number) => boolean, backward: boolean): void {
    const g = this.graph;
    look.dim = this.dimmed(reached);
    look.litBoxes.add(this.scene.home[v]!);
    for (let e = g.start[v]!; e < g.start[v + 1]!; e++) {
      const edge = this.scene.edgeOf[e]!;
      if (edge < 0 || g.kind[e] === Kind.none) continue;
      const known = backward && g.kind[e] === Kind.number && this.sweep.known[v];
      look.lit.set(edge, known ? `+= ${number(this.sweep.contribution[e]!, 3)}` : "");
    }
  }

  /** A box is dimmed if nothing in it is to be shown. */
  private dimmed(shown: (v: number) => boolean): Uint8Array {
    const dim = new Uint8Array(this.scene.boxes.length).fill(1);
    for (let v = 0; v < this.graph.n; v++) if (shown(v)) dim[this.scene.home[v]!] = 0;
    return dim;
  }

  private lightPair(look: Look): void {
    const on = between(this.graph, this.selected, this.second);
    look.dim = this.dimmed((v) => on[v] === 1);
    this.light(look, strongest(this.graph, this.cardHost.paths(this.selected), this.second));
  }

  private lightPath(look: Look): void {
    const v = this.hovered?.kind === "node" ? this.hovered.node : this.lighting ? this.selected : -1;
    if (v < 0) return;
    const p = this.cardHost.paths(v);
    const sum = pathSum(this.graph, p);
    if (sum) this.light(look, strongest(this.graph, p, sum.to));
  }

  private light(look: Look, path: number[]): void {
    const g = this.graph;
    for (const e of path) {
      const edge = this.scene.edgeOf[e]!;
      if (edge >= 0) look.lit.set(edge, g.kind[e] === Kind.number ? `×${number(g.local[e]!, 3)}` : "");
      look.litBoxes.add(this.scene.home[g.owner[e]!]!).add(this.scene.home[g.arg[e]!]!);
    }
  }

  private badge(box: Box): string {
    const m = this.matches[this.which];
    if (!m) return "";
    let [added, changed] = [0, 0];
    for (const v of box.group.nodes) {
      if (m.other[v]! < 0) added++;
      changed += m.changed[v]!;
    }
    const sign = this.which ? "+" : "−";
    if (box.group.kind === "node") return added ? sign : changed ? "Δ" : "";
    return [added ? `${sign}${added}` : "", changed ? `Δ${changed}` : ""].filter(Boolean).join(" ");
  }

  // -- time --------------------------------------------------------------------------------------------------------------

  private stepped(moment: Moment): void {
    if (!this.scene) return;
    this.hovered = null;
    this.changed();
    const { pass, k } = moment;
    const at = pass === "backward" ? this.sweep.steps[k - 1]! : k - 1;
    if (pass === "off") return this.steps.say(this.start());
    this.steps.say(pass === "backward" ? backwardStory(this.graph, this.sweep, k) : forwardStory(this.graph, k));
    this.view.reveal(this.scene.home[at]!);
    this.card.replaceChildren(...nodeCard(this.cardHost, at));
  }

  private start(): string {
    const [end] = seeds(this.graph);
    const name = end ? this.graph.name(end[0]) : "the output";
    return `backward starts at ${name} with ${end ? number(end[1]) : "1"}; step through it with ← and →, or play with space`;
  }

  // -- keys --------------------------------------------------------------------------------------------------------------

  private key(event: KeyboardEvent): void {
    const target = event.composedPath()[0] as HTMLElement;
    if (target.matches("input[type=search], select, dialog *") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches("input[type=range]") && event.key.startsWith("Arrow")) return;
    const onButton = target.matches("button:not([data-box])");
    if (onButton && (event.key === "Enter" || event.key === " ")) return;
    const act = this.keys()[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  }

  private keys(): Record<string, (event: KeyboardEvent) => void> {
    const group = this.scene.boxes[this.focused]?.group;
    return {
      ArrowRight: (e) => this.steps.move(e.shiftKey ? "forward" : "backward", 1),
      ArrowLeft: (e) => this.steps.move(e.shiftKey ? "forward" : "backward", -1),
      " ": () => this.steps.toggle(),
      ArrowDown: () => this.view.focus(Math.min(this.focused + 1, this.scene.boxes.length - 1)),
      ArrowUp: () => this.view.focus(Math.max(this.focused - 1, 0)),
      Home: () => this.view.focus(0),
      End: () => this.view.focus(this.scene.boxes.length - 1),
      Enter: (e) => this.pressed(this.focused, e),
      e: () => group && this.expand(group),
      c: () => group?.parent && group.parent.id !== "0" && this.close(group.parent),
      f: () => this.view.fit(),
      "+": () => this.view.scale(1.25),
      "=": () => this.view.scale(1.25),
      "-": () => this.view.scale(0.8),
      n: () => this.nextAlarm(),
      t: () => this.toggleTheme(),
      "/": () => this.bar.search.focus(),
      "?": () => this.bar.help.showModal(),
      Escape: () => this.clear(),
    };
  }

  clear(): void {
    this.steps.stop();
    this.steps.to({ pass: "off", k: 0 });
    this.select(this.second >= 0 ? this.selected : (this.graph.outputs[0] ?? -1), false);
  }

  // -- files and addresses -----------------------------------------------------------------------------------------------

  svg(): string {
    const painter = new SvgPainter();
    const { width, height } = this.scene;
    paint(painter, { ...this.scene }, this.look(), { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity, zoom: 1 });
    return painter.document(width + 10, height + 10, this.palette.page);
  }

  async export(kind: "svg" | "png" | "json"): Promise<void> {
    if (kind === "json") return download("graph.json", new Blob([JSON.stringify(this.which ? this.options.other : this.document)], { type: "application/json" }));
    const svg = new Blob([this.svg()], { type: "image/svg+xml" });
    download(`graph.${kind}`, kind === "svg" ? svg : await this.view.png());
  }

  private remember(): void {
    if (!this.options.hash || !this.scene || this.recalling) return;
    const { pass, k } = this.steps.moment;
    const state = new URLSearchParams();
    state.set("o", [...this.open].join("_"));
    if (this.selected >= 0) state.set("s", [this.selected, ...(this.second >= 0 ? [this.second] : [])].join("_"));
    if (pass !== "off") state.set(pass, String(k));
    state.set("c", this.by);
    state.set("t", this.theme);
    if (this.which) state.set("g", String(this.which));
    const { x, y, zoom } = this.view;
    state.set("v", [x.toFixed(0), y.toFixed(0), zoom.toPrecision(4)].join("_"));
    history.replaceState(null, "", `#${state}`);
  }

  private recalling = true;

  /** Take up the state that the address of the page holds. */
  private recall(): void {
    const state = new URLSearchParams(this.options.hash ? location.hash.slice(1) : "");
    if (state.get("g") === "1" && this.graphs[1]) this.load(1);
    const theme = state.get("t");
    if (theme === "light" || theme === "dark") this.themed(theme);
    const by = state.get("c");
    if (by === "gradient" || by === "value" || by === "time" || by === "none") this.color(by);
    const open = (state.get("o") ?? "").split("_").filter((id) => id && this.tree.find(id));
    if (open.length) this.relay(new Set(open));
    const [a, b] = (state.get("s") ?? "").split("_").filter(Boolean).map(Number);
    if (inside(this.graph, a)) this.select(a);
    if (inside(this.graph, a) && inside(this.graph, b)) this.pair(a, b);
    for (const pass of ["backward", "forward"] as const) if (state.get(pass)) this.steps.to({ pass, k: Number(state.get(pass)) });
    const [x, y, zoom] = (state.get("v") ?? "").split("_").map(Number);
    if (zoom && Number.isFinite(x) && Number.isFinite(y)) this.view.at(x!, y!, zoom);
    this.recalling = false;
  }
}

const inside = (g: Graph, v: number | undefined): v is number => v !== undefined && Number.isInteger(v) && v >= 0 && v < g.n;

/** The step of the backward pass in which each node gets its first gradient; 0 for where it starts. */
function reachedAt(g: Graph, s: Sweep): Int32Array {
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

/** What went wrong, first where it began: bad data in the order of the tape, bad gradients in the order of backward, then the rest. */
export function alarmed(g: Graph): number[] {
  const all = [...g.flags.keys()];
  const data = all.filter((v) => g.flags[v]! & 3);
  const gradients = all.filter((v) => g.flags[v]! & 12 && !(g.flags[v]! & 3)).reverse();
  const units = all.filter((v) => g.flags[v]! & 48 && !bad(g.flags[v]!));
  return [...data, ...gradients, ...units];
}
