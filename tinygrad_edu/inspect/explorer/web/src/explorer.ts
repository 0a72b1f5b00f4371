/** The explorer: the graph, what is open in it, what is chosen, and where the time is. */

import { type State, read, written } from "./address.js";
import { type Paths, type Sweep, gradientOf, paths, seeds, sweep } from "./backward.js";
import { type CardHost, groupCard, nodeCard, pairCard } from "./card.js";
import { type ColorBy, PALETTES, type Palette, type Theme, largest, leading } from "./colors.js";
import { type Match, type Twin, match } from "./compare.js";
import { type Document, Graph } from "./data.js";
import { el } from "./dom.js";
import { type Options, firstTheme, place } from "./host.js";
import { handle } from "./keys.js";
import { type Lights, Lighting, badge } from "./looks.js";
import { type Look } from "./paint.js";
import { type Scene, scene } from "./scene.js";
import { search } from "./search.js";
import { type Moment, Steps, backwardStory, forwardStory } from "./steps.js";
import { Bar } from "./bar.js";
import { type Trend, flagged, trend } from "./trend.js";
import { type Group, Tree } from "./tree.js";
import { View } from "./view.js";
import { number, spoken, thousands, visible } from "./words.js";

const MOST_OPEN = 4_000; // boxes that "open all" shows

export class Explorer {
  graph!: Graph;
  tree!: Tree;
  sweep!: Sweep;
  scene!: Scene;
  open!: Set<string>;
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
  private lighting!: Lighting;
  private trend: Trend | null = null;
  private boxed: Pick<Look, "leads" | "badges"> | null = null;
  lit = false;
  private cached: Look | null = null;

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
    this.leave = place(host, this.root, options, {
      key: (event) => handle(this, event),
      address: () => this.recall(),
      paper: (on) => this.paper(on),
    });
    this.load(0);
    this.recall();
  }

  destroy(): void {
    this.steps.stop();
    this.view.destroy();
    clearTimeout(this.remembering);
    this.leave();
  }

  private load(which: number): void {
    const graph = this.graphs[which]!;
    [this.graph, this.which] = [graph, which];
    this.tree = new Tree(graph);
    this.sweep = sweep(graph);
    this.trend = flagged(graph, trend(graph, this.sweep));
    this.open = this.tree.opened();
    this.scene = scene(this.tree, this.open, graph.hasGradients);
    this.lighting = new Lighting(graph, this.sweep, (v) => this.pathsFrom(v));
    this.most = largest(graph, this.by);
    [this.selected, this.second, this.focused, this.known, this.boxed] = [-1, -1, -1, null, null];
    this.steps.reset(this.sweep.steps.length, graph.n);
    this.bar.about(graph, which);
    this.view.legend(this.by, this.most, this.palette);
    this.view.show(this.scene);
    this.view.start(this.scene.home[graph.outputs[0] ?? 0] ?? 0);
    this.select(graph.outputs[0] ?? -1, false);
  }

  /** The other graph of a comparison. */
  swap(): void {
    if (this.graphs[1]) this.load(1 - this.which);
  }

  // -- opening and closing -----------------------------------------------------------------------------------------------

  private relay(open: Set<string>, keep?: Group): void {
    const from = keep && this.placeOf(keep);
    const made = scene(this.tree, open, this.graph.hasGradients);
    const focus = this.focused >= 0 ? this.scene.boxes[this.focused]?.group : undefined;
    [this.open, this.scene, this.hovered, this.boxed] = [open, made, null, null];
    this.focused = focus ? made.boxes.findIndex((b) => b.group.id === focus.id) : -1;
    const to = keep && this.placeOf(keep);
    this.changed();
    this.view.show(made, from && to ? { from, to } : undefined);
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

  /** Open everything, or as much as can be drawn: what is in sight first. */
  expandAll(): void {
    const { open, whole } = this.tree.deeper(this.open, MOST_OPEN, (group) => this.view.sees(group.id));
    this.relay(open);
    this.view.start(this.scene.home[Math.max(this.selected, 0)] ?? 0);
    const [shown, all, most] = [this.scene.boxes.length, this.graph.n, MOST_OPEN].map(thousands);
    const part = `${shown} boxes for ${all} nodes: at most ${most} are drawn, what was in sight opened first. Open the rest by a click.`;
    this.steps.say(whole ? `all ${all} nodes are shown` : part);
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
      trend: this.trend,
      gradient: (v) => gradientOf(this.graph, this.sweep, v),
      paths: (v) => this.pathsFrom(v),
      go: (v) => this.reveal(v),
      twin: (v) => this.twin(v),
    };
  }

  /** Kept while it is asked for again. */
  private pathsFrom(v: number): Paths {
    return this.known?.from === v ? this.known : (this.known = paths(this.graph, v));
  }

  /** How the nodes of this graph are in the other one, if there is one. */
  get match(): Match | undefined {
    return this.matches[this.which];
  }

  private twin(v: number): Twin | null {
    const [graph, match] = [this.graphs[1 - this.which], this.match];
    return graph && match ? { graph, node: match.other[v]!, changed: match.changed[v] === 1 } : null;
  }

  find(query: string): number[] {
    return search(this.graph, query);
  }

  // -- the look ----------------------------------------------------------------------------------------------------------

  color(by: ColorBy): void {
    this.by = by;
    this.most = largest(this.graph, by);
    this.boxed = null;
    this.bar.colored(by);
    this.view.legend(by, this.most, this.palette);
    this.changed();
  }

  tall(pixels: number): void {
    this.root.style.setProperty("--height", `${pixels}px`);
  }

  toggleTheme(): void {
    this.themed(this.theme === "light" ? "dark" : "light");
  }

  themed(theme: Theme): void {
    this.theme = theme;
    this.palette = PALETTES[theme];
    this.root.dataset["theme"] = theme;
    this.view.legend(this.by, this.most, this.palette);
    this.changed();
  }

  /** On paper it is light, and sharp. */
  private paper(on: boolean): void {
    const theme = this.theme;
    if (on) this.themed("light");
    this.theme = theme;
    if (!on) this.themed(theme);
    this.view.paper(on);
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
    return { graph, palette, by, most, focus, selected: chosen, ...(this.boxed ??= this.boxes()), ...this.lights() };
  }

  /** What hangs on all nodes of a box: counted once for a scene. */
  private boxes(): Pick<Look, "leads" | "badges"> {
    const { graph, by, which, match, scene: shown } = this;
    return {
      leads: Float64Array.from(shown.boxes, (box) => leading(graph, box.group.nodes, by)),
      badges: match ? shown.boxes.map((box) => badge(box, match, which)) : null,
    };
  }

  private lights(): Lights {
    if (this.steps.moment.pass !== "off") return this.lighting.step(this.scene, this.steps.moment);
    if (this.second >= 0) return this.lighting.pair(this.scene, this.selected, this.second);
    const hovered = this.hovered?.kind === "node" ? this.hovered.node : -1;
    return this.lighting.one(this.scene, hovered >= 0 ? hovered : this.lit ? this.selected : -1);
  }

  private stepped(moment: Moment): void {
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
    const name = end ? visible(this.graph.name(end[0])) : "the output";
    return `backward starts at ${name} with ${end ? number(end[1]) : "1"}; step through it with ← and →, or play with space`;
  }

  /** Back to the start. */
  clear(): void {
    this.steps.stop();
    this.steps.to({ pass: "off", k: 0 });
    this.select(this.second >= 0 ? this.selected : (this.graph.outputs[0] ?? -1), false);
  }

  // -- the address -------------------------------------------------------------------------------------------------------

  /** What is shown, to be saved as JSON. */
  get shown(): Document {
    return this.which ? this.options.other! : this.document;
  }

  get state(): State {
    const { open, by, theme, which, selected, second, view } = this;
    const chosen = [selected, second].filter((v) => v >= 0);
    return { open: [...open], chosen, moment: this.steps.moment, by, theme, which, view: [view.x, view.y, view.zoom] };
  }

  /** Put the state into the address, once it has come to rest. */
  private remember(): void {
    if (!this.options.wholePage || this.recalling) return;
    clearTimeout(this.remembering);
    this.remembering = window.setTimeout(() => history.replaceState(null, "", `#${written(this.state)}`), 150);
  }

  private recalling = true;
  private remembering = 0;

  /** Take up the state that the address of the page holds. */
  private recall(): void {
    this.recalling = true;
    const s = this.options.wholePage ? read(location.hash) : (this.options.state ?? {});
    const which = s.which ?? this.which;
    if (which !== this.which && this.graphs[which]) this.load(which);
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
