/** Colours of boxes: by sign and size, light and dark; and what is drawn in which. */

import { type Graph, Holds } from "./data.js";

export type Theme = "light" | "dark";
export type ColorBy = "gradient" | "value" | "time" | "none";

export interface Palette {
  page: string;
  panel: string;
  text: string;
  faint: string;
  line: string;
  edge: string;
  box: string;
  leaf: string;
  module: string;
  border: string;
  lit: string;
  focus: string;
  alarm: string;
  negative: [number, number, number];
  positive: [number, number, number];
  middle: [number, number, number];
}

export const PALETTES: Record<Theme, Palette> = {
  light: {
    page: "#ffffff",
    panel: "#f6f7f9",
    text: "#1b1f24",
    faint: "#5b6470",
    line: "#d5dae1",
    edge: "#9aa4b1",
    box: "#ffffff",
    leaf: "#f4f6f8",
    module: "#eef1f6",
    border: "#69747f",
    lit: "#b35900",
    focus: "#0a58ca",
    alarm: "#c2188b",
    negative: [112, 170, 236],
    positive: [240, 132, 116],
    middle: [251, 251, 252],
  },
  dark: {
    page: "#14171b",
    panel: "#1c2026",
    text: "#e7ebf0",
    faint: "#9aa5b3",
    line: "#343b45",
    edge: "#67717e",
    box: "#20252c",
    leaf: "#262c34",
    module: "#252c38",
    border: "#8b96a3",
    lit: "#ffb454",
    focus: "#6ea8fe",
    alarm: "#ff6ac1",
    negative: [38, 84, 150],
    positive: [150, 50, 42],
    middle: [36, 41, 48],
  },
};

/** The number that a node is coloured by, NaN for none; of an array the root mean square, with the sign of the mean. */
function quantity(g: Graph, v: number, by: ColorBy): number {
  if (by === "time") return g.n > 1 ? v / (g.n - 1) : 0;
  const gradient = by === "gradient";
  const info = g.array(v, gradient);
  if (info) return Number.isFinite(info.norm) ? Math.sign(info.mean) * (info.norm / Math.sqrt(g.size(v) || 1)) : info.mean;
  return (gradient ? g.gradHolds : g.holds)[v] === Holds.number ? (gradient ? g.grad : g.data)[v]! : NaN;
}

/** The largest size among finite ones, for the scale. */
export function largest(g: Graph, by: ColorBy): number {
  let most = 0;
  for (let v = 0; v < g.n; v++) {
    const x = Math.abs(quantity(g, v, by));
    if (x > most && Number.isFinite(x)) most = x;
  }
  return most || 1;
}

/** Of several nodes, what is largest in size; NaN for none. */
export function leading(g: Graph, nodes: number[], by: ColorBy): number {
  let lead = NaN;
  if (by !== "none")
    for (const v of nodes) {
      const x = quantity(g, v, by);
      if (Number.isFinite(x) && !(Math.abs(lead) >= Math.abs(x))) lead = x;
    }
  return lead;
}

/** From blue by the middle to red; by a root of the size, so that small numbers still show. */
export function diverging(p: Palette, x: number, most: number): string {
  if (Number.isNaN(x)) return p.box;
  const share = x === 0 ? 0 : 0.1 + 0.9 * Math.min(1, (Math.abs(x) / most) ** 0.45);
  const end = x < 0 ? p.negative : p.positive;
  return `rgb(${p.middle.map((m, i) => Math.round(m + (end[i]! - m) * share)).join(",")})`;
}

/** The sign as a character, so that colour is never alone. */
export const glyph = (x: number): string => (Number.isNaN(x) ? "" : x > 0 ? "+" : x < 0 ? "−" : "0");
