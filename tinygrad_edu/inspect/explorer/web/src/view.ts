/** The part of the page that shows the scene: a canvas, a button over each box for keys and screen readers, a minimap. */

import { type ColorBy, type Palette, diverging } from "./colors.js";
import { el } from "./dom.js";
import { Minimap } from "./minimap.js";
import { type Look, type Window, meets, paint } from "./paint.js";
import { CanvasPainter } from "./painters.js";
import { type Box, type Frame, type Scene } from "./scene.js";
import { TITLE } from "./nested.js";
import { number } from "./words.js";

const MOST_BUTTONS = 3_000; // of more boxes, those that can be seen have buttons
const [LEAST_ZOOM, MOST_ZOOM] = [0.002, 6];
const OVERVIEW = 0.33; // below it not even the titles can be read
const EDGE = 12; // pixels from a border, so near a box is not in sight; less than `fit` leaves
const PAPER = 3; // pixels of the picture to one of the page
const READABLE = 0.78; // with the numbers on the edges

export interface Actions {
  press(box: number, event: MouseEvent | KeyboardEvent): void;
  close(frame: Frame): void;
  hover(box: number): void;
  focus(box: number): void;
  name(box: Box): string;
  look(): Look;
  moved(): void;
}

export class View {
  readonly element: HTMLElement;
  private readonly canvas = el("canvas", { "aria-hidden": "true" });
  private readonly layer = el("div", { className: "layer", role: "group", "aria-label": "nodes of the graph" });
  private readonly map = new Minimap((x, y) => {
    const [width, height] = this.size;
    this.at(width / 2 - x * this.zoom, height / 2 - y * this.zoom, this.zoom);
  });
  private readonly key = el("div", { className: "legend" });
  private readonly painter: CanvasPainter;
  private readonly pointers = new Map<number, [number, number]>();
  private readonly buttons = new Map<number, HTMLButtonElement>();
  private readonly observer: ResizeObserver;
  private scene: Scene | null = null;
  private travelled = 0;
  private waiting = 0;
  private settling = 0;
  private printing = false;
  /** What is to be done again when the size changes, as long as the reader has not moved. */
  private resting: (() => void) | null = null;
  zoom = 1;
  x = 0;
  y = 0;

  constructor(
    private readonly actions: Actions,
    private readonly wheelNeedsFocus: boolean,
  ) {
    this.element = el("div", { className: "view" }, this.canvas, this.layer, this.key, this.map.element);
    this.painter = new CanvasPainter(this.canvas.getContext("2d")!);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.element);
    this.listen();
  }

  destroy(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.waiting);
    clearTimeout(this.settling);
  }

  // -- what is shown -----------------------------------------------------------------------------------------------------

  /** Show a scene. `anchor` are places before and after, in scenes, of what shall not move on the screen. */
  show(scene: Scene, anchor?: { from: [number, number]; to: [number, number] }): void {
    this.scene = scene;
    if (anchor) {
      this.x += (anchor.from[0] - anchor.to[0]) * this.zoom;
      this.y += (anchor.from[1] - anchor.to[1]) * this.zoom;
      this.resting = null;
    }
    this.layButtons();
    this.moved();
  }

  /** What the colours mean. */
  legend(by: ColorBy, most: number, p: Palette): void {
    this.key.hidden = by === "none";
    const bar = el("span", { className: "bar" });
    const stops = Array.from({ length: 17 }, (_, i) => diverging(p, by === "time" ? i / 16 : i / 8 - 1, 1));
    bar.style.background = `linear-gradient(to right, ${stops.join(",")})`;
    const [left, right] = by === "time" ? ["first", "last"] : [number(-most, 3), number(most, 3)];
    const title = "of an array its root mean square, with the sign of its mean; of a group the largest";
    this.key.replaceChildren(by, el("span", {}, left), bar, right);
    this.key.title = by === "time" ? "the order in which the calls were made" : title;
  }

  /** Whether a box, by the id of its group, is in sight. */
  sees(id: string): boolean {
    const w = this.window();
    return this.scene?.boxes.some((b) => b.group.id === id && meets(b, w)) ?? false;
  }

  private get size(): [number, number] {
    return [this.element.clientWidth || 800, this.element.clientHeight || 500];
  }

  window(): Window {
    const [width, height] = this.size;
    const { x, y, zoom } = this;
    return { left: -x / zoom, top: -y / zoom, right: (width - x) / zoom, bottom: (height - y) / zoom, zoom };
  }

  fit(): void {
    if (!this.scene) return;
    const [width, height] = this.size;
    const zoom = Math.min((width - 40) / this.scene.width, (height - 40) / this.scene.height, 1.25);
    this.at((width - this.scene.width * zoom) / 2, (height - this.scene.height * zoom) / 2, zoom);
    this.resting = () => this.fit();
  }

  /** Everything, if it can be read so; else what is around a box. */
  start(i: number): void {
    this.fit();
    const b = this.scene?.boxes[i];
    if (!b || this.zoom >= OVERVIEW) return;
    const [width, height] = this.size;
    const { width: all, height: tall } = this.scene!;
    const z = READABLE;
    const beside = (room: number, whole: number, middle: number): number =>
      whole * z + 40 < room ? (room - whole * z) / 2 : Math.min(20, Math.max(room - whole * z - 20, room / 2 - middle * z));
    this.at(beside(width, all, b.x + b.width / 2), beside(height, tall, b.y + b.height / 2), z);
    this.resting = () => this.start(i);
  }

  /** Where the view was, as its state says. */
  at(x: number, y: number, zoom: number): void {
    [this.x, this.y, this.zoom, this.resting] = [x, y, Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom)), null];
    this.moved();
  }

  /** What is seen, as a picture. */
  png(): Promise<Blob> {
    this.draw();
    return new Promise((done, failed) =>
      this.canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("the browser made no picture"))), "image/png"),
    );
  }

  /** Zoom about a place on the screen. */
  scale(factor: number, at?: [number, number]): void {
    const [width, height] = this.size;
    const [cx, cy] = at ?? [width / 2, height / 2];
    const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, this.zoom * factor));
    this.x = cx - ((cx - this.x) * zoom) / this.zoom;
    this.y = cy - ((cy - this.y) * zoom) / this.zoom;
    this.zoom = zoom;
    this.resting = null;
    this.moved(true);
  }

  pan(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
    this.resting = null;
    this.moved(true);
  }

  /** Bring a box into sight, large enough to be read if `read`. */
  reveal(i: number, read = false): void {
    const b = this.scene?.boxes[i];
    if (!b) return;
    const [width, height] = this.size;
    if (read && this.zoom < 0.7) this.zoom = 1;
    const [left, top] = [b.x * this.zoom + this.x, b.y * this.zoom + this.y];
    const [right, bottom] = [left + b.width * this.zoom, top + b.height * this.zoom];
    if (left < EDGE || right > width - EDGE || top < EDGE || bottom > height - EDGE) {
      this.x = width / 2 - (b.x + b.width / 2) * this.zoom;
      this.y = height / 2 - (b.y + b.height / 2) * this.zoom;
      this.resting = null;
    }
    this.moved();
  }

  focus(i: number): void {
    this.buttonOf(i)?.focus({ preventScroll: true });
  }

  private resized(): void {
    const { ratio } = this;
    const [width, height] = this.size;
    [this.canvas.width, this.canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.resting) this.resting();
    else this.moved();
  }

  /** The picture follows at once. In the middle of a gesture the buttons do so after it: moving a thousand takes longer than drawing. */
  private moved(gesture = false): void {
    this.request();
    this.actions.moved();
    clearTimeout(this.settling);
    if (!gesture) this.layer.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.zoom})`;
    const many = (this.scene?.boxes.length ?? 0) > MOST_BUTTONS;
    if (gesture) this.settling = window.setTimeout(() => this.moved(), 100);
    else if (many) this.settling = window.setTimeout(() => this.layButtons(), 150);
  }

  /** Draw with the next frame. */
  request(): void {
    if (!this.waiting) this.waiting = requestAnimationFrame(() => this.draw());
  }

  /** Sharper for the time of printing. */
  paper(on: boolean): void {
    this.printing = on;
    this.resized();
    this.draw();
  }

  private get ratio(): number {
    return this.printing ? PAPER : window.devicePixelRatio || 1;
  }

  private draw(): void {
    this.waiting = 0;
    if (!this.scene) return;
    const { ratio } = this;
    const look = this.actions.look();
    const c = this.painter.context;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = look.palette.page;
    c.fillRect(0, 0, this.canvas.width, this.canvas.height);
    c.setTransform(ratio * this.zoom, 0, 0, ratio * this.zoom, ratio * this.x, ratio * this.y);
    this.painter.zoom = this.zoom;
    const w = this.window();
    paint(this.painter, this.scene, look, w);
    this.map.draw(this.scene, look.palette, w);
  }

  // -- buttons -----------------------------------------------------------------------------------------------------------

  private layButtons(): void {
    const scene = this.scene!;
    const focused = (this.element.getRootNode() as Document | ShadowRoot).activeElement;
    const had = [...this.buttons].find(([, b]) => b === focused)?.[0];
    this.buttons.clear();
    const w = this.window();
    const few = scene.boxes.length <= MOST_BUTTONS;
    const nodes: HTMLElement[] = scene.frames.map((f) => this.frameButton(f));
    scene.boxes.forEach((b, i) => {
      if ((few || meets(b, w) || i === had) && nodes.length < MOST_BUTTONS) nodes.push(this.boxButton(b, i));
    });
    this.layer.replaceChildren(...nodes);
    if (had !== undefined && focused?.isConnected === false) this.focus(had);
  }

  private boxButton(b: Box, i: number): HTMLButtonElement {
    const button = el("button", {
      type: "button",
      tabIndex: i === 0 ? 0 : -1,
      "aria-label": this.actions.name(b),
      "data-box": i,
      "data-id": b.group.id,
    });
    if (b.group.kind !== "node") button.setAttribute("aria-expanded", "false");
    Object.assign(button.style, { left: `${b.x}px`, top: `${b.y}px`, width: `${b.width}px`, height: `${b.height}px` });
    this.buttons.set(i, button);
    return button;
  }

  private frameButton(f: Frame): HTMLButtonElement {
    const title = `close ${f.group.kind === "module" ? "module" : "group"} ${f.group.title}`;
    const button = el("button", {
      type: "button",
      tabIndex: -1,
      "aria-label": title,
      "aria-expanded": "true",
      "data-id": f.group.id,
    });
    Object.assign(button.style, { left: `${f.x}px`, top: `${f.y}px`, width: `${f.width}px`, height: `${TITLE + 2}px` });
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      if (this.travelled < 5) this.actions.close(f);
    });
    return button;
  }

  private buttonOf(i: number): HTMLButtonElement | undefined {
    if (this.scene && i >= 0 && i < this.scene.boxes.length && !this.buttons.has(i)) {
      const button = this.boxButton(this.scene.boxes[i]!, i);
      this.layer.append(button);
    }
    return this.buttons.get(i);
  }

  private static box(event: Event): number {
    const target = event.target instanceof HTMLElement ? event.target.dataset["box"] : undefined;
    return target === undefined ? -1 : Number(target);
  }

  // -- pointers and keys -------------------------------------------------------------------------------------------------

  private listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(
      type: K,
      act: (event: HTMLElementEventMap[K]) => void,
      options?: AddEventListenerOptions,
    ): void => this.element.addEventListener(type, act as EventListener, options);
    on("pointerdown", (event) => {
      if (event.target === this.map.element) return;
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      this.travelled = 0;
    });
    on("pointermove", (event) => this.dragged(event));
    for (const type of ["pointerup", "pointercancel", "pointerleave"] as const)
      on(type, (event) => this.pointers.delete(event.pointerId));
    on("click", (event) => {
      const i = View.box(event);
      if (this.travelled < 5) this.actions.press(i, event);
    });
    on("pointerover", (event) => {
      if (!this.pointers.size) this.actions.hover(View.box(event));
    });
    on("focusin", (event) => {
      const i = View.box(event);
      if (i < 0) return;
      for (const button of this.buttons.values()) button.tabIndex = -1;
      this.buttons.get(i)!.tabIndex = 0;
      this.element.scrollTo(0, 0);
      this.actions.focus(i);
    });
    on("wheel", (event) => this.wheel(event), { passive: false });
  }

  private wheel(event: WheelEvent): void {
    if (this.wheelNeedsFocus && !event.ctrlKey && !this.element.matches(":focus-within")) return;
    event.preventDefault();
    const rect = this.element.getBoundingClientRect();
    this.scale(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), [
      event.clientX - rect.left,
      event.clientY - rect.top,
    ]);
  }

  private dragged(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const old = [...this.pointers.values()];
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    this.travelled += Math.abs(dx) + Math.abs(dy);
    if (this.travelled < 5) return;
    this.pan(dx / old.length, dy / old.length);
    if (old.length === 2) this.pinched(old as [[number, number], [number, number]]);
  }

  private pinched(old: [[number, number], [number, number]]): void {
    const [a, b] = [...this.pointers.values()] as [[number, number], [number, number]];
    const rect = this.element.getBoundingClientRect();
    const apart = (p: [number, number], q: [number, number]): number => Math.hypot(p[0] - q[0], p[1] - q[1]) || 1;
    this.scale(apart(a, b) / apart(...old), [(a[0] + b[0]) / 2 - rect.left, (a[1] + b[1]) / 2 - rect.top]);
  }
}
