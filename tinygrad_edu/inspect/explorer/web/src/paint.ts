/** Drawing a scene: frames, edges, boxes, numbers. */

import { BAD, Flag, Kind, type Graph } from "./data.js";
import { type ColorBy, type Palette, diverging, glyph } from "./colors.js";
import { type Run } from "./layered.js";
import { type Box, type Edge, FONT, type Frame, LINE, PAD, type Scene, THUMB, columns } from "./scene.js";
import { TITLE } from "./nested.js";
import { type Painter } from "./painters.js";
import { cut, norm, number, shape, thousands } from "./words.js";

const LEAST_TITLE = 5.5; // pixels
const NUMBERS = 0.74; // the least zoom for numbers on edges, and for those that are lit
const LIT_NUMBERS = 0.25;
const ALARM = BAD | Flag.vanishing | Flag.exploding;

/** How the scene is to be shown now. */
export interface Look {
  graph: Graph;
  palette: Palette;
  by: ColorBy;
  most: number;
  /** Boxes that are not reached yet, or not on the paths that are asked for. */
  dim: Uint8Array | null;
  /** Edges of a path that is lit, with a number on each. */
  lit: Map<number, string>;
  litBoxes: Set<number>;
  focus: number;
  selected: Set<number>;
  /** The number that each box is coloured by, NaN for none. */
  leads: Float64Array;
  /** A word on each box, as of a comparison. */
  badges: string[] | null;
}

/** Which part of the scene can be seen, and how large. */
export interface Window {
  left: number;
  top: number;
  right: number;
  bottom: number;
  zoom: number;
}

export const EVERYTHING: Window = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity, zoom: 1 };

export const meets = (r: { x: number; y: number; width: number; height: number }, w: Window): boolean =>
  r.x < w.right && r.x + r.width > w.left && r.y < w.bottom && r.y + r.height > w.top;

function passes(e: Edge, w: Window): boolean {
  const [first, last] = [e.way[0]!, e.way[e.way.length - 1]!];
  if (first[0] > w.right || last[1] < w.left) return false;
  return e.way.some((r) => r[2] > w.top) && e.way.some((r) => r[2] < w.bottom);
}

/** Draw it all, from the back to the front. */
export function paint(painter: Painter, s: Scene, look: Look, w: Window): void {
  for (const frame of s.frames) if (meets(frame, w)) paintFrame(painter, frame, look, w);
  paintEdges(painter, s, look, w);
  s.boxes.forEach((box, i) => {
    if (meets(box, w)) paintBox(painter, box, i, look, w);
  });
  if (w.zoom > NUMBERS || look.lit.size) paintNumbers(painter, s, look, w);
}

function paintFrame(painter: Painter, f: Frame, look: Look, w: Window): void {
  const p = look.palette;
  painter.rect(f.x, f.y, f.width, f.height, 8, f.depth % 2 ? p.panel : p.page, {
    color: p.line,
    width: 1,
    dash: f.group.kind === "fold",
  });
  const size = Math.max(FONT, Math.min(10 / w.zoom, 30)); // from far away it stands on the border
  const x = Math.max(f.x, w.left); // it stays in sight while the frame does
  const room = Math.floor((f.x + f.width - x) / (size * 0.602)) - 4;
  if (room > 1 && size * w.zoom > 5)
    painter.text(x + 10, f.y + TITLE - 3, `▾ ${cut(f.group.title, room)}`, p.faint, true, size, "start", p.page);
}

function paintEdges(painter: Painter, s: Scene, look: Look, w: Window): void {
  const p = look.palette;
  const [thin, thick, dim]: [Run[][], Run[][], Run[][]] = [[], [], []];
  const lit: Run[][] = [];
  const many = s.edges.length > 20_000 && w.zoom < 0.15;
  s.edges.forEach((e, i) => {
    if (many && i % 4) return;
    if (!passes(e, w)) return;
    if (look.lit.has(i)) lit.push(e.way);
    else if (look.dim && (look.dim[e.tail] || look.dim[e.head])) dim.push(e.way);
    else (e.count > 9 ? thick : thin).push(e.way);
  });
  const heads = w.zoom > 0.3;
  painter.alpha(0.25);
  painter.curves(dim, { color: p.edge, width: 1 }, false);
  painter.alpha(1);
  painter.curves(thin, { color: p.edge, width: 1 }, heads);
  painter.curves(thick, { color: p.edge, width: 2.2 }, heads);
  painter.curves(lit, { color: p.lit, width: Math.max(3, 1.5 / w.zoom) }, heads);
}

/** Local derivatives on the edges, numbers of uses, and what the lit path says. */
function paintNumbers(painter: Painter, s: Scene, look: Look, w: Window): void {
  const { graph: g, palette: p } = look;
  s.edges.forEach((e, i) => {
    const said = look.lit.get(i);
    if (w.zoom < (said ? LIT_NUMBERS : NUMBERS) || !passes(e, w)) return;
    const text = said || (e.count > 1 ? `${thousands(e.count)} uses` : edgeText(g, e.argument));
    const [, x, y] = e.way[e.way.length - 1]!;
    const [color, size] = said ? [p.lit, Math.max(11, 9 / w.zoom)] : [p.faint, 9];
    if (text) painter.text(x - 8, y - 3, text, color, !!said, size, "end", p.page);
  });
}

/** What one use is: its local derivative; between arrays the norm of what flows back, or before backward the shape; or nothing. */
function edgeText(g: Graph, e: number): string {
  if (g.kind[e] === Kind.number) return `×${number(g.local[e]!, 3)}`;
  if (g.kind[e] === Kind.none) return "none";
  if (g.kind[e] !== Kind.array) return "";
  return Number.isNaN(g.norm[e]) ? shape(g, g.arg[e]!, false) : norm(g.norm[e]!); // the boxes say the shape too
}

function paintBox(painter: Painter, b: Box, i: number, look: Look, w: Window): void {
  const { palette: p, graph: g } = look;
  const dim = look.dim?.[i];
  painter.alpha(dim ? 0.3 : 1);
  const lead = look.leads[i]!;
  const alarm = (b.flags & ALARM) !== 0;
  const plain = b.group.kind === "node" ? (g.isLeaf(b.group.node) ? p.leaf : p.box) : p.module;
  const fill = Number.isNaN(lead) ? plain : diverging(p, lead, look.most);
  const marked = look.selected.has(i) || i === look.focus;
  const color = marked ? p.focus : alarm ? p.alarm : look.litBoxes.has(i) ? p.lit : p.border;
  const width = marked || alarm || look.litBoxes.has(i) ? 2.5 : 1;
  const radius = b.group.kind === "node" ? (g.isLeaf(b.group.node) ? 9 : 4) : 4;
  if (b.group.kind !== "node") painter.rect(b.x + 3, b.y + 3, b.width, b.height, radius, plain, { color: p.line, width: 1 });
  painter.rect(b.x, b.y, b.width, b.height, radius, fill, { color, width: Math.max(width, marked ? 1.5 / w.zoom : 0) });
  if (w.zoom * FONT >= 6.5) paintText(painter, b, look, lead);
  else paintTitle(painter, b, look, w);
  if (look.badges) paintBadge(painter, b, look.badges[i]!, look, w);
  painter.alpha(1);
}

/** From far away the title alone, as large as fits. */
function paintTitle(painter: Painter, b: Box, look: Look, w: Window): void {
  const room = Math.floor(((b.width - 6) * w.zoom) / (LEAST_TITLE * 0.602));
  if (room < 3 || b.height * w.zoom < LEAST_TITLE) return;
  const title = cut(
    b.group.kind === "node" ? look.graph.labelOf(b.group.node) || b.lines[0]! : b.group.title,
    Math.min(room, 24),
  );
  const size = Math.min(13 / w.zoom, (b.width - 6) / (columns(title) * 0.602), b.height * 0.6);
  painter.text(b.x + b.width / 2, b.y + b.height / 2 + size * 0.35, title, look.palette.text, true, size, "middle");
}

function paintText(painter: Painter, b: Box, look: Look, lead: number): void {
  const p = look.palette;
  b.lines.forEach((line, k) => {
    const color = line.startsWith("⚠") ? p.alarm : k ? p.faint : p.text;
    painter.text(
      b.x + PAD,
      b.y + PAD / 2 + (k + 1) * LINE - 4,
      line,
      k && b.lines.length > 1 && color === p.faint ? p.text : color,
      !k,
    );
  });
  if (look.by !== "none" && look.by !== "time") painter.text(b.x + b.width - 4, b.y + 11, glyph(lead), p.text, true, 10, "end");
  if (b.thumb) painter.picture(b.x + b.width - THUMB - PAD + 2, b.y + (b.height - THUMB) / 2, THUMB, b.thumb, p);
}

/** A word on the lower corner of a box, as of a comparison. */
function paintBadge(painter: Painter, b: Box, badge: string, look: Look, w: Window): void {
  const size = Math.min(Math.max(10, 8 / w.zoom), b.height * 0.6);
  if (!badge || size * w.zoom < 4) return;
  const width = (columns(badge) * 0.602 + 0.8) * size;
  const [x, y] = [b.x + b.width - width + 4, b.y + b.height - size * 0.6];
  painter.rect(x, y, width, size * 1.3, size * 0.6, look.palette.lit);
  painter.text(x + width / 2, y + size, badge, look.palette.page, true, size, "middle");
}
