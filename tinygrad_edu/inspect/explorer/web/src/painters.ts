/** What can be drawn on: a canvas, or SVG; both get the same calls. */

import { type Palette } from "./colors.js";
import { type ArrayInfo } from "./data.js";
import { type Run } from "./layered.js";
import { FONT } from "./scene.js";

export const MONO = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export interface Stroke {
  color: string;
  width: number;
  dash?: boolean;
}

export type Anchor = "start" | "end" | "middle";

export interface Painter {
  rect(x: number, y: number, width: number, height: number, radius: number, fill: string, stroke?: Stroke): void;
  curves(ways: Run[][], stroke: Stroke, heads: boolean): void;
  text(x: number, y: number, text: string, color: string, bold?: boolean, size?: number, anchor?: Anchor, halo?: string): void;
  picture(x: number, y: number, size: number, info: ArrayInfo, p: Palette): void;
  alpha(share: number): void;
}

/** The colours of a thumbnail, row by row, as bytes of red, green, blue, alpha. */
export function shades(info: ArrayInfo, p: Palette): Uint8ClampedArray {
  const out = new Uint8ClampedArray(info.pixels.length * 4);
  const most = Math.max(Math.abs(info.least), Math.abs(info.most)) || 1;
  const alarm = [1, 3, 5].map((k) => parseInt(p.alarm.slice(k, k + 2), 16));
  info.pixels.forEach((x, i) => {
    const share = Math.min(1, Math.abs(x) / most);
    const end = x < 0 ? p.negative : p.positive;
    for (let c = 0; c < 3; c++)
      out[4 * i + c] = Number.isFinite(x) ? p.middle[c]! + (end[c]! - p.middle[c]!) * share : alarm[c]!;
    out[4 * i + 3] = 255;
  });
  return out;
}

const SMALL = 9; // pixels; lower boxes are drawn without a border

// -- canvas ------------------------------------------------------------------------------------------------------------

export class CanvasPainter implements Painter {
  zoom = 1;
  private readonly pictures = new Map<ArrayInfo, [Palette, HTMLCanvasElement]>();

  constructor(readonly context: CanvasRenderingContext2D) {}

  alpha(share: number): void {
    this.context.globalAlpha = share;
  }

  rect(x: number, y: number, width: number, height: number, radius: number, fill: string, stroke?: Stroke): void {
    const c = this.context;
    c.fillStyle = fill;
    if (height * this.zoom < SMALL) {
      c.fillRect(x, y, width, height);
      if (!stroke || stroke.width <= 1) return;
    }
    c.beginPath();
    c.roundRect(x, y, width, height, radius);
    if (height * this.zoom >= SMALL) c.fill();
    if (stroke) this.stroke(stroke);
  }

  curves(ways: Run[][], stroke: Stroke, heads: boolean): void {
    if (!ways.length) return;
    const c = this.context;
    c.beginPath();
    for (const way of ways) {
      c.moveTo(way[0]![0], way[0]![2]);
      follow(
        way,
        (x, y) => c.lineTo(x, y),
        (...xy) => c.bezierCurveTo(...xy),
      );
    }
    this.stroke(stroke);
    if (!heads) return;
    c.beginPath();
    for (const way of ways) {
      const [, x, y] = way[way.length - 1]!;
      c.moveTo(x, y);
      c.lineTo(x - 6, y - 3);
      c.lineTo(x - 6, y + 3);
      c.closePath();
    }
    c.fillStyle = stroke.color;
    c.fill();
  }

  private stroke(stroke: Stroke): void {
    this.context.setLineDash(stroke.dash ? [4, 3] : []);
    this.context.strokeStyle = stroke.color;
    this.context.lineWidth = stroke.width;
    this.context.stroke();
  }

  text(
    x: number,
    y: number,
    text: string,
    color: string,
    bold = false,
    size = FONT,
    anchor: Anchor = "start",
    halo = "",
  ): void {
    const c = this.context;
    c.font = `${bold ? "600 " : ""}${size}px ${MONO}`;
    c.textAlign = anchor === "middle" ? "center" : anchor;
    if (halo) {
      [c.strokeStyle, c.lineWidth, c.lineJoin] = [halo, 3, "round"];
      c.strokeText(text, x, y);
    }
    c.fillStyle = color;
    c.fillText(text, x, y);
  }

  picture(x: number, y: number, size: number, info: ArrayInfo, p: Palette): void {
    let made = this.pictures.get(info);
    if (!made || made[0] !== p) {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [info.columns, info.rows];
      const data = canvas.getContext("2d")!.createImageData(info.columns, info.rows);
      data.data.set(shades(info, p));
      canvas.getContext("2d")!.putImageData(data, 0, 0);
      this.pictures.set(info, (made = [p, canvas]));
    }
    const scale = size / Math.max(info.rows, info.columns);
    this.context.imageSmoothingEnabled = false;
    const [w, h] = [Math.max(2, info.columns * scale), Math.max(2, info.rows * scale)];
    this.context.drawImage(made[1], x + (size - w) / 2, y + (size - h) / 2, w, h);
  }
}

/** A way as straight pieces, and curves between them. */
function follow(
  way: Run[],
  line: (x: number, y: number) => void,
  curve: (...xy: [number, number, number, number, number, number]) => void,
): void {
  way.forEach(([, x1, y], i) => {
    line(x1, y);
    const next = way[i + 1];
    if (next) {
      const middle = (x1 + next[0]) / 2;
      curve(middle, y, middle, next[2], next[0], next[2]);
    }
  });
}

// -- SVG ---------------------------------------------------------------------------------------------------------------

const escaped = (text: string): string =>
  text
    .replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!)
    .replace(/[\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]/gu, "�");
const round = (x: number): string => String(Math.round(x * 10) / 10);

export class SvgPainter implements Painter {
  private readonly out: string[] = [];
  private share = 1;

  alpha(share: number): void {
    this.share = share;
  }

  private get opacity(): string {
    return this.share < 1 ? ` opacity="${this.share}"` : "";
  }

  private stroke(stroke?: Stroke): string {
    return stroke
      ? ` stroke="${stroke.color}" stroke-width="${round(stroke.width)}"${stroke.dash ? ' stroke-dasharray="4 3"' : ""}`
      : "";
  }

  rect(x: number, y: number, width: number, height: number, radius: number, fill: string, stroke?: Stroke): void {
    this.out.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}" fill="${fill}"${this.stroke(stroke)}${this.opacity}/>`,
    );
  }

  curves(ways: Run[][], stroke: Stroke, heads: boolean): void {
    for (const way of ways) {
      const d = [`M${round(way[0]![0])} ${round(way[0]![2])}`];
      follow(
        way,
        (x, y) => d.push(`L${round(x)} ${round(y)}`),
        (...xy) => d.push(`C${xy.map(round).join(" ")}`),
      );
      this.out.push(`<path d="${d.join("")}" fill="none"${this.stroke(stroke)}${this.opacity}/>`);
      const [, x, y] = way[way.length - 1]!;
      if (heads) this.out.push(`<path d="M${round(x)} ${round(y)}l-6 -3v6z" fill="${stroke.color}"${this.opacity}/>`);
    }
  }

  text(
    x: number,
    y: number,
    text: string,
    color: string,
    bold = false,
    size = FONT,
    anchor: Anchor = "start",
    halo = "",
  ): void {
    if (!text) return;
    const weight =
      (bold ? ' font-weight="600"' : "") +
      (halo ? ` stroke="${halo}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"` : "");
    this.out.push(
      `<text x="${round(x)}" y="${round(y)}" font-size="${size}"${weight} fill="${color}" text-anchor="${anchor}" xml:space="preserve"${this.opacity}>${escaped(text)}</text>`,
    );
  }

  picture(x: number, y: number, size: number, info: ArrayInfo, p: Palette): void {
    const color = shades(info, p);
    const side = size / Math.max(info.rows, info.columns);
    for (let i = 0; i < info.pixels.length; i++) {
      const [row, column] = [Math.floor(i / info.columns), i % info.columns];
      const fill = `rgb(${color[4 * i]},${color[4 * i + 1]},${color[4 * i + 2]})`;
      this.out.push(
        `<rect x="${round(x + column * side)}" y="${round(y + row * side)}" width="${round(side + 0.1)}" height="${round(side + 0.1)}" fill="${fill}"/>`,
      );
    }
  }

  document(width: number, height: number, background: string): string {
    const size = `width="${Math.ceil(width)}" height="${Math.ceil(height)}" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}"`;
    const family = MONO.replaceAll('"', "'");
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${family}"><rect width="100%" height="100%" fill="${background}"/>${this.out.join("")}</svg>\n`;
  }
}
