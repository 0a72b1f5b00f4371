/**
 * The graph as a tree: modules hold modules and nodes, and where a level has more than `LIMIT` things, folds hold several. What is
 * shown is a cut through the tree, the groups that are closed below those that are open.
 */

import { type Graph } from "./data.js";
import { type Member, folded } from "./folding.js";

export const LIMIT = 60;
const MOST_LEVELS = 8; // of modules inside modules that are open at the start

/** A node, a call of a module, or several things in one box. */
export class Group {
  private inner: Group[] | null = null;

  constructor(
    private readonly tree: Tree,
    readonly kind: "node" | "module" | "fold",
    readonly id: string,
    readonly title: string,
    readonly parent: Group | null,
    /** The nodes in it, in the order of the tape. */
    readonly nodes: number[],
    readonly scope = -1,
    private readonly parts: Group[] | null = null,
  ) {}

  get children(): Group[] {
    if (this.kind === "node") return [];
    return (this.inner ??= this.tree.inside(this, this.parts));
  }

  /** The node of a group that is one. */
  get node(): number {
    return this.kind === "node" ? this.nodes[0]! : -1;
  }

  get path(): Group[] {
    return [...(this.parent?.path ?? []), this];
  }
}

export class Tree {
  readonly root: Group;
  private readonly outputs: Set<number>;

  constructor(readonly graph: Graph) {
    const g = graph;
    this.outputs = new Set(g.outputs.length * 4 <= LIMIT ? g.outputs : []);
    this.root = new Group(
      this,
      "module",
      "0",
      "graph",
      null,
      Array.from({ length: g.n }, (_, i) => i),
    );
  }

  /** What lies directly in a group: at most `LIMIT` groups, or so. */
  inside(group: Group, parts: Group[] | null): Group[] {
    const items = parts ?? this.items(group);
    const members = items.map((item) => this.member(item));
    return folded(members, this.arrows(items), LIMIT).map((fold, k) => {
      const id = `${group.id}.${k}`;
      const inner = fold.members.map((m) => items[m]!);
      const only = inner[0]!;
      if (!fold.name) return new Group(this, only.kind, id, only.title, group, only.nodes, only.scope);
      const nodes = inner.flatMap((i) => i.nodes).sort((a, b) => a - b);
      return new Group(this, "fold", id, fold.name, group, nodes, -1, inner);
    });
  }

  /** The calls of modules directly in a module, and the nodes that are in none of them. */
  private items(group: Group): Group[] {
    const { tables, scope } = this.graph;
    const modules = new Map<number, number[]>();
    const items: (number | [number, number[]])[] = [];
    for (const v of group.nodes) {
      let child = scope[v]!;
      if (child === group.scope) {
        items.push(v);
        continue;
      }
      while (tables.scopes[child]!.parent !== group.scope) child = tables.scopes[child]!.parent;
      const nodes = modules.get(child);
      if (nodes) nodes.push(v);
      else {
        modules.set(child, [v]);
        items.push([child, modules.get(child)!]);
      }
    }
    return items.map((item) =>
      typeof item === "number"
        ? new Group(this, "node", "", this.graph.name(item), group, [item])
        : new Group(this, "module", "", tables.scopes[item[0]]!.title, group, item[1], item[0]),
    );
  }

  private member(item: Group): Member {
    const g = this.graph;
    const last = item.nodes[item.nodes.length - 1]!;
    const alike =
      item.kind === "module" ? `module ${item.title.replace(/( \(call \d+\))?\d*$/, "")}` : `${g.op[last]} ${g.shape[last]}`;
    return {
      first: item.nodes[0]!,
      size: item.nodes.length,
      leaves: item.kind !== "module" && g.isLeaf(last),
      sign: `${alike} ${item.nodes.length}`,
      shape: g.shape[last]!,
      output: this.outputs.has(last),
    };
  }

  /** For each item, how many times each other one uses it. */
  private arrows(items: Group[]): Map<number, number>[] {
    const g = this.graph;
    const home = new Map<number, number>();
    items.forEach((item, i) => item.nodes.forEach((v) => home.set(v, i)));
    const arrows = items.map(() => new Map<number, number>());
    for (const [v, j] of home) {
      for (let e = g.start[v]!; e < g.start[v + 1]!; e++) {
        const i = home.get(g.arg[e]!);
        if (i !== undefined && i !== j) arrows[i]!.set(j, (arrows[i]!.get(j) ?? 0) + 1);
      }
    }
    return arrows;
  }

  /** The groups to open so that about `LIMIT` boxes show: modules level by level, and what holds nothing else. */
  opened(limit = LIMIT): Set<string> {
    const open = new Set(["0"]);
    let shown = this.root.children;
    for (let level = 0; ; level++) {
      const modules = shown.filter((group) => group.kind === "module");
      const n = shown.length - modules.length + modules.reduce((sum, m) => sum + m.children.length, 0);
      if (!modules.length || n > limit || level >= MOST_LEVELS) return open;
      modules.forEach((m) => open.add(m.id));
      shown = shown.flatMap((group) => (group.kind === "module" ? group.children : [group]));
    }
  }

  /**
   * With as much open as `most` boxes allow: what `first` says before the rest, and of that level by level, as the reader would open
   * it. Whether that is everything is told too.
   */
  deeper(open: ReadonlySet<string>, most: number, first: (group: Group) => boolean): { open: Set<string>; whole: boolean } {
    const wider = new Set(open);
    const closed = this.cut(open).shown.filter((group) => group.kind !== "node");
    let n = this.cut(open).shown.length;
    let whole = true;
    const queue = [...closed.filter(first), ...closed.filter((group) => !first(group))];
    for (let k = 0; k < queue.length; k++) {
      const group = queue[k]!;
      n += group.children.length - 1;
      if (n > most) {
        n -= group.children.length - 1;
        whole = false;
        continue;
      }
      wider.add(group.id);
      queue.push(...group.children.filter((child) => child.kind !== "node"));
    }
    return { open: wider, whole };
  }

  /** What is shown, and the open groups around it, outer before inner; the root is no frame. */
  cut(open: ReadonlySet<string>): { shown: Group[]; frames: Group[] } {
    const shown: Group[] = [];
    const frames: Group[] = [];
    const stack = [...this.root.children].reverse();
    while (stack.length) {
      const group = stack.pop()!;
      if (group.kind === "node" || !open.has(group.id)) shown.push(group);
      else {
        frames.push(group);
        for (let k = group.children.length - 1; k >= 0; k--) stack.push(group.children[k]!);
      }
    }
    return { shown, frames };
  }

  find(id: string): Group | undefined {
    let group: Group | undefined = this.root;
    for (const k of id.split(".").slice(1)) group = group?.children[Number(k)];
    return group;
  }

  /** The group that is a node alone, its path from the root included. */
  leafOf(v: number): Group {
    let group = this.root;
    while (group.kind !== "node") {
      const next: Group | undefined = group.children.find((child) => includes(child.nodes, v));
      if (!next) throw new Error(`node ${v} is not in the tree`);
      group = next;
    }
    return group;
  }
}

function includes(sorted: number[], v: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < v) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === v;
}
