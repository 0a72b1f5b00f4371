/**
 * Which things that lie side by side share a box, so that a level of the tree has few: like leaves, chains, calls side by side,
 * long sums, and at last pieces of the order. As `inspect/graphs/parts.py`, which says why no box is ever both before and after another.
 */

/** What can be folded: a node, a closed module, or several of them. */
export interface Member {
  first: number;
  leaves: boolean;
  /** Equal for those that do the same. */
  sign: string;
  /** Of the last node. */
  shape: number;
  output: boolean;
  /** How many nodes. */
  size: number;
}

/** A group of members by their numbers, with the way it came about; one that stands alone has no name. */
export interface Group {
  members: number[];
  name: string;
}

interface Part extends Member {
  members: number[];
  name: string;
}

type Links = Map<number, number>[];

class Level {
  readonly before: Links;
  readonly after: Links;

  constructor(
    readonly parts: Part[],
    private readonly arrows: Map<number, number>[],
  ) {
    const home = new Map<number, number>();
    parts.forEach((p, i) => p.members.forEach((m) => home.set(m, i)));
    this.before = parts.map(() => new Map());
    this.after = parts.map(() => new Map());
    arrows.forEach((heads, tail) => {
      const i = home.get(tail)!;
      for (const [head, n] of heads) {
        const j = home.get(head)!;
        if (i === j) continue;
        this.after[i]!.set(j, (this.after[i]!.get(j) ?? 0) + n);
        this.before[j]!.set(i, (this.before[j]!.get(i) ?? 0) + n);
      }
    });
  }

  get size(): number {
    return this.parts.length;
  }

  ranks(): number[] {
    const rank = this.parts.map(() => 0);
    const missing = this.before.map((b) => b.size);
    const ready = [...rank.keys()].filter((i) => !missing[i]);
    for (let k = 0; k < ready.length; k++) {
      for (const j of this.after[ready[k]!]!.keys()) {
        rank[j] = Math.max(rank[j]!, rank[ready[k]!]! + 1);
        if (!--missing[j]!) ready.push(j);
      }
    }
    return rank;
  }

  /** With one part for each group. */
  joined(groups: number[][], name: (parts: Part[]) => string, sign = "fold"): Level {
    const many = groups.filter((group) => group.length > 1);
    if (!many.length) return this;
    const inside = new Set(many.flat());
    const parts = this.parts.filter((_, i) => !inside.has(i));
    for (const group of many)
      parts.push(
        merged(
          group.map((i) => this.parts[i]!),
          name,
          sign,
        ),
      );
    return new Level(parts, this.arrows);
  }
}

function merged(parts: Part[], name: (parts: Part[]) => string, sign: string): Part {
  const size = parts.reduce((n, p) => n + p.size, 0);
  return {
    members: parts.flatMap((p) => p.members),
    name: name(parts),
    size,
    output: false,
    first: parts.reduce((n, p) => Math.min(n, p.first), Infinity),
    leaves: parts.every((p) => p.leaves),
    shape: parts[0]!.shape,
    sign: `${sign} ${parts[0]!.sign} ${size}`,
  };
}

/** At most `limit` groups of members; `arrows` has for each member how many times each other one uses it. */
export function folded(members: Member[], arrows: Map<number, number>[], limit: number): Group[] {
  if (members.length <= limit) return members.map((_, i) => ({ members: [i], name: "" }));
  let level = new Level(
    members.map((m, i) => ({ ...m, members: [i], name: "" })),
    arrows,
  );
  for (const fold of [likeLeaves, chains, sideBySide, rows, chains]) {
    if (level.size <= limit) break;
    level = fold(level);
    if (level.size > limit && fold !== likeLeaves) level = likeLeaves(level);
  }
  if (level.size > limit) level = pieces(level, limit);
  if (level.size < 2)
    level = pieces(
      new Level(
        members.map((m, i) => ({ ...m, members: [i], name: "" })),
        arrows,
      ),
      limit,
    );
  return level.parts.sort((a, b) => a.first - b.first).map((p) => ({ members: p.members.sort((a, b) => a - b), name: p.name }));
}

const thousands = (n: number): string => n.toLocaleString("en-US");
const total = (parts: Part[]): string => thousands(parts.reduce((n, p) => n + p.size, 0));

function groupsBy(level: Level, key: (i: number) => string | null): number[][] {
  const groups = new Map<string, number[]>();
  for (let i = 0; i < level.size; i++) {
    const k = level.parts[i]!.output ? null : key(i);
    if (k === null) continue;
    const group = groups.get(k);
    if (group) group.push(i);
    else groups.set(k, [i]);
  }
  return [...groups.values()];
}

/** Leaves that are alike and go to the same places equally often. */
function likeLeaves(level: Level): Level {
  const to = (i: number): string => [...level.after[i]!].sort((a, b) => a[0] - b[0]).join(" ");
  const groups = groupsBy(level, (i) => (level.parts[i]!.leaves ? `${level.parts[i]!.shape}|${to(i)}` : null));
  return level.joined(
    groups.filter((g) => g.length > 2),
    (parts) => `${total(parts)} leaves`,
    "leaves",
  );
}

/** Calls of one op on one rank. */
function sideBySide(level: Level): Level {
  const rank = level.ranks();
  const groups = groupsBy(level, (i) => (level.parts[i]!.leaves ? null : `${rank[i]} ${level.parts[i]!.sign}`));
  return level.joined(groups, (parts) => `${thousands(parts.length)} side by side`, "beside");
}

/** Calls of one op, each used by the next one only: long sums. */
function rows(level: Level): Level {
  return runs(level, (i, j) => level.parts[i]!.sign === level.parts[j]!.sign);
}

/** Calls of any op, each used by the next one only, which gets nothing else but leaves. */
function chains(level: Level): Level {
  return runs(level, (_, j) => [...level.before[j]!.keys()].filter((k) => !level.parts[k]!.leaves).length === 1);
}

function runs(level: Level, fits: (i: number, j: number) => boolean): Level {
  const following = new Map<number, number>();
  const taken = new Set<number>();
  level.parts.forEach((part, i) => {
    if (part.leaves || part.output || level.after[i]!.size !== 1) return;
    const [j] = level.after[i]!.keys() as unknown as [number];
    if (taken.has(j) || level.parts[j]!.output || !fits(i, j)) return;
    following.set(i, j);
    taken.add(j);
  });
  const groups: number[][] = [];
  for (const i of following.keys()) {
    if (taken.has(i)) continue;
    const run = [i];
    for (let j = following.get(i); j !== undefined; j = following.get(j)) run.push(j);
    groups.push(run);
  }
  return level.joined(groups, (parts) => `${thousands(parts.length)} in a row`, "row");
}

/** Intervals of an order in which everything comes after what it uses. */
function pieces(level: Level, limit: number): Level {
  const rank = level.ranks();
  const sorted = [...rank.keys()].sort((a, b) => rank[a]! - rank[b]! || level.parts[a]!.first - level.parts[b]!.first);
  const many = Math.min(Math.ceil(limit / 2), Math.ceil(Math.sqrt(level.size)));
  const groups = Array.from({ length: many }, (_, k) => sorted.slice((k * level.size) / many, ((k + 1) * level.size) / many));
  return level.joined(
    groups.map((g) => [...g]),
    (parts) => `${total(parts)} ${parts.every((p) => p.leaves) ? "leaves" : "nodes"}`,
    "piece",
  );
}
