/** The explorer: the graph, what is open in it, what is chosen, and where the time is. */

import { type State, read, written } from "./address.js";
import { type Paths, type Sweep, paths, seeds, sweep } from "./backward.js";
import { type CardHost, groupCard, nodeCard, pairCard } from "./card.js";
import { type ColorBy, PALETTES, type Palette, type Theme, largest } from "./colors.js";
import { type Match, match } from "./compare.js";
import { type Document, Graph, Holds } from "./data.js";
import { download, el } from "./dom.js";
import { type Options, firstTheme, place } from "./host.js";
import { handle } from "./keys.js";
import { type Lights, Lighting, alarmed, badge } from "./looks.js";
import { EVERYTHING, type Look, paint } from "./paint.js";
import { SvgPainter } from "./painters.js";
import { type Scene, scene } from "./scene.js";
import { search } from "./search.js";
import { type Moment, Steps, backwardStory, forwardStory } from "./steps.js";
import { Bar } from "./bar.js";
import { type Group, Tree } from "./tree.js";
import { View } from "./view.js";
import { number, spoken, value } from "./words.js";

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
  private readonly leave: () => void;
  private readonly card = el("aside", { "aria-label": "about the node", tabIndex: 0 });
  readonly bar: Bar;
  private readonly graphs: Graph[];
  private readonly matches: Match[] = [];
  private which = 0;
  private theme: Theme;
  private palette: Palette;
  private most = 1;
  private hovered: Group | null = null;
  private known: Paths | null = null;
  private lighting: Lighting;
  private lit = false;
  private cached: Look | null = null;
  private alarm = -1;

  constructor(
    host: HTMLElement,
    private readonly document: Document,
    private readonly options: Options = {},
  ) {
    this.graphs = [new Graph(document), ...(options.other ? [new Graph(options.other)] : [])];
    if (this.graphs[1]) this.matches = [match(this.graphs[0]!, this.graphs[1]), match(this.graphs[1], this.graphs[0]!)];
    this.theme = firstTheme(options);
    this.palette = PALETTES[this.theme];
    this.steps = new Steps((moment) => this.stepped(moment));
    this.view = new View(
      {
        press: (box, event) => this.pressed(box, event),
        close: (frame) => this.close(frame.group),
        hover: (box) => this.hover(box),
        focus: (box) => this.focusedBox(box),
        name: (box) => spoken(this.graph, box.group, false),
        look: () => this.look(),
        moved: () => this.remember(),
      },
      options.wheelNeedsFocus ?? false,
    );
    this.bar = new Bar(this, options.title ?? "", this.matches);
    this.root = el(
      "div",
      { className: "tge", role: "region", "aria-label": "graph explorer" },
      this.bar.element,
      this.view.element,
      this.card,
      this.steps.element,
      this.bar.help,
    );
    this.leave = place(host, this.root, options, (event) => handle(this, event));
    [this.graph, this.tree, this.sweep, this.open, this.scene, this.lighting] = this.load(0);
    this.recall();
  }

  destroy(): void {
    this.steps.stop();
    this.view.destroy();
    this.leave();
  }

  private load(which: number): [Graph, Tree, Sweep, Set<string>, Scene, Lighting] {
    const graph = this.graphs[which]!;
    const tree = new Tree(graph);
    const run = sweep(graph);
    const open = tree.opened();
    const made = scene(tree, open, this.gradients(graph));
    [this.graph, this.tree, this.sweep, this.open, this.scene] = [graph, tree, run, open, made];
    this.which = which;
    this.lighting = new Lighting(graph, run, (v) => this.pathsFrom(v));
    this.most = largest(graph, this.by);
    [this.selected, this.second, this.known, this.alarm] = [-1, -1, null, -1];
    this.steps.reset(run.steps.length, graph.n);
    this.bar.about(graph, which);
    this.view.show(made);
    this.view.fit();
    this.select(graph.outputs[0] ?? -1, false);
    return [graph, tree, run, open, made, this.lighting];
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
    if (this.graph.n > MOST_OPEN)
      return this.steps.say(
        `open all would show ${this.graph.n.toLocaleString("en-US")} boxes; at most ${MOST_OPEN.toLocaleString("en-US")} are drawn at once. Open what you want to see.`,
      );
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

  /** What a click or Enter does: choose a node, open a group. */
  pressed(i: number, event: MouseEvent | KeyboardEvent): void {
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
    this.lit = light;
    this.changed();
    if (v >= 0) this.card.replaceChildren(...nodeCard(this.cardHost, v));
  }

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
    if (group)
      this.card.replaceChildren(
        ...(group.kind === "node" ? nodeCard(this.cardHost, group.node) : groupCard(this.cardHost, group)),
      );
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
      graph: this.graph,
      palette: this.palette,
      adjoint: (v) =>
        this.graph.gradHolds[v] === Holds.number
          ? this.graph.grad[v]!
          : this.sweep.reached[v] && this.sweep.known[v]
            ? this.sweep.adjoint[v]!
            : null,
      paths: (v) => this.pathsFrom(v),
      go: (v) => this.reveal(v),
      compared: (v) => this.compared(v),
    };
  }

  /** Kept while it is asked for again. */
  private pathsFrom(v: number): Paths {
    return this.known?.from === v ? this.known : (this.known = paths(this.graph, v));
  }

  private compared(v: number): [string, string][] {
    const other = this.graphs[1 - this.which];
    const w = this.matches[this.which]?.other[v];
    if (!other || w === undefined) return [];
    if (w < 0) return [["compare", "only in this graph"]];
    const same = !this.matches[this.which]!.changed[v];
    return [
      ["compare", same ? "the same in both" : `other: data ${value(other, w, false, 6)}, gradient ${value(other, w, true, 6)}`],
    ];
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
    const { graph, palette, by, most, focused: focus, scene: shown, selected, second } = this;
    const chosen = new Set([selected, second].filter((v) => v >= 0).map((v) => shown.home[v]!));
    return {
      graph,
      palette,
      by,
      most,
      focus,
      selected: chosen,
      badge: (box) => badge(box, this.matches[this.which], this.which),
      ...this.lights(),
    };
  }

  private lights(): Lights {
    if (this.steps.moment.pass !== "off") return this.lighting.step(this.scene, this.steps.moment);
    if (this.second >= 0) return this.lighting.pair(this.scene, this.selected, this.second);
    const hovered = this.hovered?.kind === "node" ? this.hovered.node : -1;
    return this.lighting.one(this.scene, hovered >= 0 ? hovered : this.lit ? this.selected : -1);
  }

  private stepped(moment: Moment): void {
    if (!this.scene) return;
    this.hovered = null;
    this.changed();
    const { pass, k } = moment;
    if (pass === "off") return this.steps.say(this.start());
    const at = this.lighting.nodeAt(pass, k);
    this.steps.say(pass === "backward" ? backwardStory(this.graph, this.sweep, k) : forwardStory(this.graph, k));
    this.view.reveal(this.scene.home[at]!);
    this.card.replaceChildren(...nodeCard(this.cardHost, at));
  }

  private start(): string {
    const [end] = seeds(this.graph);
    const name = end ? this.graph.name(end[0]) : "the output";
    return `backward starts at ${name} with ${end ? number(end[1]) : "1"}; step through it with ← and →, or play with space`;
  }

  /** Back to the start. */
  clear(): void {
    this.steps.stop();
    this.steps.to({ pass: "off", k: 0 });
    this.select(this.second >= 0 ? this.selected : (this.graph.outputs[0] ?? -1), false);
  }

  // -- files and addresses -----------------------------------------------------------------------------------------------

  svg(): string {
    const painter = new SvgPainter();
    const { width, height } = this.scene;
    paint(painter, this.scene, this.look(), EVERYTHING);
    return painter.document(width + 10, height + 10, this.palette.page);
  }

  async export(kind: "svg" | "png" | "json"): Promise<void> {
    const text = (content: string, type: string): Blob => new Blob([content], { type });
    if (kind === "png") return download("graph.png", await this.view.png());
    if (kind === "svg") return download("graph.svg", text(this.svg(), "image/svg+xml"));
    download("graph.json", text(JSON.stringify(this.which ? this.options.other : this.document), "application/json"));
  }

  private get state(): State {
    const { open, by, theme, which, selected, second, view } = this;
    const chosen = [selected, second].filter((v) => v >= 0);
    return { open: [...open], chosen, moment: this.steps.moment, by, theme, which, view: [view.x, view.y, view.zoom] };
  }

  private remember(): void {
    if (this.options.wholePage && this.scene && !this.recalling) history.replaceState(null, "", `#${written(this.state)}`);
  }

  private recalling = true;

  /** Take up the state that the address of the page holds. */
  private recall(): void {
    const s = read(this.options.wholePage ? location.hash : "");
    if (s.which && this.graphs[1]) this.load(1);
    this.themed(s.theme ?? this.theme);
    this.color(s.by ?? this.by);
    const open = s.open?.filter((id) => this.tree.find(id)) ?? [];
    if (open.length) this.relay(new Set(open));
    const [a, b] = (s.chosen ?? []).filter((v) => v < this.graph.n);
    if (a !== undefined) this.select(a, a !== this.graph.outputs[0]);
    if (a !== undefined && b !== undefined) this.pair(a, b);
    if (s.moment) this.steps.to(s.moment);
    if (s.view) this.view.at(...s.view);
    this.recalling = false;
  }
}
