/** Finding nodes: by op, label, module or line; by a bound on data or gradient; by what is wrong with them. */

import { BAD, Flag, type Graph, Holds } from "./data.js";

type Test = (v: number) => boolean;

const WORDS: Record<string, number> = {
  nan: Flag.nan | Flag.gradNan,
  inf: Flag.inf | Flag.gradInf,
  dead: Flag.dead,
  saturated: Flag.saturated,
  zero: Flag.zeroGrad,
  changed: Flag.changed,
  vanishing: Flag.vanishing,
  exploding: Flag.exploding,
  bad: BAD,
};
const BOUND = /^(\|?)(grad|data|gradient|value)\1(<=|>=|<|>|=)(-?[\d.]+(?:e[-+]?\d+)?)$/i;
const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
  "=": (a, b) => a === b,
};

/** The nodes for which every word of the query holds, in the order of the tape. */
export function search(g: Graph, query: string): number[] {
  const tests = query
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => test(g, word));
  if (!tests.length) return [];
  const found: number[] = [];
  for (let v = 0; v < g.n; v++) if (tests.every((t) => t(v))) found.push(v);
  return found;
}

function test(g: Graph, word: string): Test {
  const bound = BOUND.exec(word);
  if (bound) return bounded(g, bound);
  const flag = WORDS[word.toLowerCase()];
  const text = contains(g, word.toLowerCase());
  if (flag !== undefined) return (v) => (g.flags[v]! & flag) !== 0 || text(v);
  return text;
}

/** Largest and least entry of arrays count too: an array is above a bound if an entry is. */
function bounded(g: Graph, [, bars, what, sign, limit]: RegExpExecArray): Test {
  const gradient = what!.toLowerCase().startsWith("grad");
  const holds = COMPARE[sign!]!;
  const size = bars ? Math.abs : (x: number): number => x;
  return (v) => {
    const info = g.array(v, gradient);
    if (info) return [info.least, info.most].some((x) => holds(size(x), Number(limit)));
    return (
      (gradient ? g.gradHolds : g.holds)[v] === Holds.number && holds(size((gradient ? g.grad : g.data)[v]!), Number(limit))
    );
  };
}

/** Texts are looked at once for each row of a table, not for each node. */
function contains(g: Graph, word: string): Test {
  const has = (text: string): boolean => text.toLowerCase().includes(word);
  const labels = g.tables.labels.map(has);
  const ops = g.tables.ops.map((op) => has(op.name) || op.symbol === word);
  const sources = g.tables.sources.map((s) => has(`${s.file}:${s.line} ${s.text}`));
  const scopes: boolean[] = [];
  for (const s of g.tables.scopes) scopes.push(has(s.title) || (s.parent >= 0 && scopes[s.parent]!));
  const leaf = word === "leaf";
  return (v) =>
    labels[g.label[v]!]! ||
    (g.op[v]! >= 0 ? ops[g.op[v]!]! : leaf) ||
    (g.source[v]! >= 0 && sources[g.source[v]!]!) ||
    (g.scope[v]! >= 0 && scopes[g.scope[v]!]!);
}
