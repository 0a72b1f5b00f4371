/** The whole scene, small, with the part of it that is in sight; to be travelled on. */

import { type Palette } from "./colors.js";
import { el } from "./dom.js";
import { type Window } from "./paint.js";
import { type Scene } from "./scene.js";

const ALWAYS = 100; // boxes, from which on it is shown even if all are in sight
const LEAST = 5; // pixels of the window on the map

export class Minimap {
  readonly element = el("canvas", { className: "map", width: 180, height: 120, "aria-hidden": "true" });
  private readonly context = this.element.getContext("2d")!;
  private drawn: [Scene, Palette, HTMLCanvasElement] | null = null;

  /** `travel` is called with a place in the scene, which is to be the middle of what is in sight. */
  constructor(private readonly travel: (x: number, y: number) => void) {
    this.element.addEventListener("pointerdown", (event) => {
      this.element.setPointerCapture(event.pointerId);
      this.go(event);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (event.buttons) this.go(event);
    });
  }

  draw(scene: Scene, p: Palette, w: Window): void {
    const whole = w.left <= 0 && w.top <= 0 && w.right >= scene.width && w.bottom >= scene.height;
    this.element.hidden = whole && scene.boxes.length < ALWAYS;
    if (this.element.hidden) return;
    if (this.drawn?.[0] !== scene || this.drawn[1] !== p) this.drawn = [scene, p, this.boxes(scene, p)];
    const c = this.context;
    const [k, left, top] = this.lies(scene);
    c.drawImage(this.drawn[2], 0, 0);
    [c.strokeStyle, c.lineWidth] = [p.lit, 2];
    const [width, height] = [(w.right - w.left) * k, (w.bottom - w.top) * k].map((side) => Math.max(side, LEAST));
    c.strokeRect(left + w.left * k, top + w.top * k, width!, height!);
  }

  /** How the scene lies in the map: its scale, and its corner. */
  private lies({ width, height }: Scene): [k: number, left: number, top: number] {
    const map = this.element;
    const k = Math.min(map.width / width, map.height / height);
    return [k, (map.width - width * k) / 2, (map.height - height * k) / 2];
  }

  /** The map without the window: it stays while the scene does. */
  private boxes(scene: Scene, p: Palette): HTMLCanvasElement {
    const canvas = el("canvas", { width: this.element.width, height: this.element.height });
    const c = canvas.getContext("2d")!;
    const [k, left, top] = this.lies(scene);
    c.fillStyle = p.panel;
    c.fillRect(0, 0, canvas.width, canvas.height);
    c.translate(left, top);
    c.fillStyle = p.border;
    for (const b of scene.boxes) c.fillRect(b.x * k, b.y * k, Math.max(1, b.width * k), Math.max(1, b.height * k));
    return canvas;
  }

  private go(event: PointerEvent): void {
    if (!this.drawn) return;
    const rect = this.element.getBoundingClientRect();
    const shown = this.element.width / rect.width; // it is smaller on a phone
    const [k, left, top] = this.lies(this.drawn[0]);
    this.travel(((event.clientX - rect.left) * shown - left) / k, ((event.clientY - rect.top) * shown - top) / k);
  }
}
