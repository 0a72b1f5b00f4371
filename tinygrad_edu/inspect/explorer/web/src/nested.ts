/**
 * Where everything goes, frames of open groups included: each frame is laid out by itself, and is one box in what is around it.
 * An arrow into a frame comes in by a gate on its border and runs on from there inside; arrows of one box share a gate. As
 * `inspect/pictures/nested.py`.
 */

import { type Arrow, BEND, type Box, COLUMN_GAP, type Run, arrow, box, layered } from "./layered.js";

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A box of a given size in a frame, -1 for none. */
export interface Sized {
  width: number;
  height: number;
  frame: number;
}

/** A frame in another one, whose number is smaller, or -1; its title is so wide. */
export interface Framed {
  parent: number;
  title: number;
}

export interface Layout {
  width: number;
  height: number;
  boxes: Rect[];
  frames: Rect[];
  ways: Run[][];
}

const PAD = 10;
export const TITLE = 18;

/** What lies directly in one frame, or in none. */
class Level {
  boxes: Box[] = [];
  arrows: Arrow[] = [];
  place = new Map<string, number>();
  links = new Map<string, number>();
  left = 0;
  top = 0;

  box(what: string, width = 0, height = BEND): number {
    let number = this.place.get(what);
    if (number === undefined) {
      number = this.boxes.length;
      this.place.set(what, number);
      this.boxes.push(box(width, height, what.startsWith("in"), what.startsWith("out")));
    }
    return number;
  }

  link(tail: string, head: string, source: number): number {
    const ends = `${tail} ${head} ${source}`;
    let number = this.links.get(ends);
    if (number === undefined) {
      number = this.arrows.length;
      this.links.set(ends, number);
      this.arrows.push(arrow(this.box(tail), this.box(head), source));
    }
    return number;
  }
}

type Trip = [frame: number, arrow: number][];

/** Places for boxes, frames and the ways of arrows, given as pairs of boxes. */
export function laidOut(boxes: Sized[], frames: Framed[], arrows: [number, number][]): Layout {
  return new Nest(boxes, frames).layout(arrows);
}

class Nest {
  private readonly outer = new Level();
  private readonly levels: Level[];
  private readonly paths: number[][];

  constructor(
    private readonly boxes: Sized[],
    private readonly frames: Framed[],
  ) {
    this.levels = frames.map(() => new Level());
    this.paths = [];
    frames.forEach((f, i) => this.paths.push([...(f.parent < 0 ? [] : this.paths[f.parent]!), i]));
    frames.forEach((f, i) => this.level(f.parent).box(`frame${i}`));
    boxes.forEach((b, i) => this.level(b.frame).box(`box${i}`, b.width, b.height));
  }

  layout(arrows: [number, number][]): Layout {
    const trips = arrows.map(([tail, head]) => this.trip(tail, head));
    for (let i = this.frames.length - 1; i >= 0; i--) this.framed(i);
    const [width, height] = this.settle(this.outer);
    const out: Layout = { width, height, boxes: [], frames: [], ways: [] };
    this.absolute(out);
    out.ways = trips.map((trip) => this.way(trip));
    return out;
  }

  private level(frame: number): Level {
    return frame < 0 ? this.outer : this.levels[frame]!;
  }

  private path(of: number): number[] {
    const frame = this.boxes[of]!.frame;
    return frame < 0 ? [] : this.paths[frame]!;
  }

  /** Out of the frames around the tail, across, and into the frames around the head. */
  private trip(tail: number, head: number): Trip {
    const [out, into] = [this.path(tail), this.path(head)];
    let same = 0;
    while (same < Math.min(out.length, into.length) && out[same] === into[same]) same++;
    const trip: Trip = [];
    let item = `box${tail}`;
    for (const frame of out.slice(same).reverse()) {
      trip.push([frame, this.levels[frame]!.link(item, `out${tail}`, tail)]);
      item = `frame${frame}`;
    }
    const inner = [...into.slice(same).map((f) => `frame${f}`), `box${head}`];
    const common = same ? out[same - 1]! : -1;
    trip.push([common, this.level(common).link(item, inner[0]!, tail)]);
    into.slice(same).forEach((frame, k) => trip.push([frame, this.levels[frame]!.link(`in${tail}`, inner[k + 1]!, tail)]));
    return trip;
  }

  /** Lay out one frame, and tell the box that stands for it outside how large it is. */
  private framed(i: number): void {
    const level = this.levels[i]!;
    [level.left, level.top] = [PAD, PAD + TITLE];
    const [width, height] = this.settle(level);
    const outer = this.level(this.frames[i]!.parent);
    const b = outer.boxes[outer.place.get(`frame${i}`)!]!;
    b.width = Math.max(width + 2 * PAD, this.frames[i]!.title + 2 * PAD);
    b.height = height + level.top + PAD;
  }

  /** Lay out one level whose inner frames have their sizes, with the arrows at their gates. */
  private settle(level: Level): [number, number] {
    const inner = new Map<number, Level>();
    for (const [what, number] of level.place)
      if (what.startsWith("frame")) inner.set(number, this.levels[Number(what.slice(5))]!);
    for (const a of level.arrows) {
      const [tail, head] = [inner.get(a.tail), inner.get(a.head)];
      a.leaves = tail ? gate(tail, `out${a.source}`) : level.boxes[a.tail]!.height / 2;
      a.arrives = head ? gate(head, `in${a.source}`) : level.boxes[a.head]!.height / 2;
    }
    return layered(level.boxes, level.arrows, COLUMN_GAP);
  }

  /** Turn places inside frames into places on the page, from the outermost frame inwards. */
  private absolute(out: Layout): void {
    const place = (level: Level): void => {
      for (const [what, number] of level.place) {
        const b = level.boxes[number]!;
        const rect = { x: level.left + b.x, y: level.top + b.y, width: b.width, height: b.height };
        if (what.startsWith("frame")) out.frames[Number(what.slice(5))] = rect;
        else if (what.startsWith("box")) out.boxes[Number(what.slice(3))] = rect;
      }
    };
    place(this.outer);
    this.levels.forEach((level, i) => {
      level.left += out.frames[i]!.x;
      level.top += out.frames[i]!.y;
      place(level);
    });
  }

  /** The level pieces of an arrow, those that meet at a gate joined. */
  private way(trip: Trip): Run[] {
    const way: Run[] = [];
    for (const [frame, number] of trip) {
      const level = this.level(frame);
      for (const [x0, x1, y] of level.arrows[number]!.way) {
        const last = way[way.length - 1];
        const at = y + level.top;
        if (last && Math.abs(last[2] - at) < 0.01) last[1] = x1 + level.left;
        else way.push([x0 + level.left, x1 + level.left, at]);
      }
    }
    return way;
  }
}

function gate(level: Level, name: string): number {
  const b = level.boxes[level.place.get(name)!]!;
  return level.top + b.y + b.height / 2;
}
