/** The JSON of a graph, `tinygrad_edu.graph/1`, as typed arrays. `inspect/graphs/data.py` documents the format. */

export interface Partial {
  input: string;
  left: string;
  text: string;
  latex: string;
  mathml: string;
}

export interface Op {
  name: string;
  kind: string;
  symbol: string;
  inputs: string[];
  text: string;
  latex: string;
  mathml: string;
  partials: Partial[];
}

export interface Scope {
  name: string;
  title: string;
  call: number;
  parent: number;
}

export interface Source {
  file: string;
  line: number;
  function: string;
  text: string;
}

export interface Constant {
  text: string;
  number: number | string | null;
}

export interface Tables {
  ops: Op[];
  shapes: number[][];
  dtypes: string[];
  labels: string[];
  scopes: Scope[];
  sources: Source[];
  options: string[];
  constants: Constant[];
  exact: string[];
}

interface Packed {
  dtype: string;
  base64: string;
  codes?: Packed;
  repeat?: number;
  sums?: boolean;
}

type Group = Record<string, Packed>;

export interface Document {
  format: string;
  version: string;
  nodes: number;
  outputs: number[];
  tables: Tables;
  columns: Group;
  arguments: Group;
  arrays: Group;
}

export const FORMAT = "tinygrad_edu.graph/1";

/** What `holds` and `grad_holds` say. */
export const Holds = { number: 0, array: 1, none: 2, several: 3 } as const;
/** What the kind of an argument says. */
export const Kind = { number: 0, none: 1, array: 2, unknown: 3, constant: 4 } as const;
/** What the `sums` of a gradient say: whether it is the sum of what flows back from the uses. */
export const Sums = { unknown: 0, same: 1, different: 2 } as const;
/** The bits of `flags`; the last two are not in the file: the page finds them, see `trend.ts`. */
export const Flag = {
  nan: 1,
  inf: 2,
  gradNan: 4,
  gradInf: 8,
  dead: 16,
  saturated: 32,
  zeroGrad: 64,
  changed: 128,
  vanishing: 256,
  exploding: 512,
} as const;
export const BAD = Flag.nan | Flag.inf | Flag.gradNan | Flag.gradInf;

const STATISTICS = ["least", "most", "mean", "norm", "nan", "inf", "zero", "digest", "sums", "rows", "columns"] as const;

/** Statistics and thumbnail of an array. */
export interface ArrayInfo extends Record<(typeof STATISTICS)[number], number> {
  pixels: Float32Array;
}

type Numbers = Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array;

function bytes(text: string): ArrayBuffer {
  const binary = atob(text);
  const out = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) out[i] = binary.charCodeAt(i);
  return out.buffer;
}

const READERS: Record<string, (buffer: ArrayBuffer) => ArrayLike<number>> = {
  "<u1": (b) => new Uint8Array(b),
  "<i1": (b) => new Int8Array(b),
  "<u2": (b) => new Uint16Array(b),
  "<i2": (b) => new Int16Array(b),
  "<u4": (b) => new Uint32Array(b),
  "<i4": (b) => new Int32Array(b),
  "<u8": (b) => Array.from(new BigUint64Array(b), Number),
  "<i8": (b) => Array.from(new BigInt64Array(b), Number),
  "<f4": (b) => new Float32Array(b),
  "<f8": (b) => new Float64Array(b),
};

/** A column written into an array that has the type that is wanted. */
function unpack<T extends Numbers>(column: Packed, make: (n: number) => T): T {
  const read = READERS[column.dtype];
  if (!read) throw new Error(`a column of dtype ${column.dtype}`);
  const values = read(bytes(column.base64));
  if (column.repeat !== undefined) return make(column.repeat).fill(values[0] ?? 0) as T;
  const codes = column.codes && unpack(column.codes, (n) => new Int32Array(n));
  const out = make(codes ? codes.length : values.length);
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    const x = values[codes ? codes[i]! : i]!;
    sum += x;
    out[i] = column.sums ? sum : x;
  }
  return out;
}

const ints = (column: Packed): Int32Array => unpack(column, (n) => new Int32Array(n));
const small = (column: Packed): Uint8Array => unpack(column, (n) => new Uint8Array(n));
const floats = (column: Packed): Float64Array => unpack(column, (n) => new Float64Array(n));
/** A column that a file may lack, if it was written before there was one. */
const later = (column: Packed | undefined, n: number, unknown: number): Float64Array =>
  column ? floats(column) : new Float64Array(n).fill(unknown);

/** A graph: tables, and one entry a node or an argument in each array. */
export class Graph {
  readonly n: number;
  readonly outputs: number[];
  readonly tables: Tables;
  readonly op: Int32Array;
  readonly scope: Int32Array;
  readonly source: Int32Array;
  readonly options: Int32Array;
  readonly label: Int32Array;
  readonly shape: Int32Array;
  readonly dtype: Int32Array;
  readonly index: Float64Array;
  readonly holds: Uint8Array;
  readonly data: Float64Array;
  readonly gradHolds: Uint8Array;
  readonly grad: Float64Array;
  readonly exact: Int32Array;
  readonly gradExact: Int32Array;
  readonly flags: Uint16Array;
  /** The arguments of node i are `start[i]` to `start[i + 1]` of `arg`, `kind` and `local`; those below 0 are constants. */
  readonly start: Int32Array;
  readonly arg: Int32Array;
  readonly kind: Uint8Array;
  readonly local: Float64Array;
  /** The norm and the mean of what flows back to an argument between arrays; NaN if that is not known. */
  readonly norm: Float64Array;
  readonly mean: Float64Array;
  /** The uses of node i are `useStart[i]` to `useStart[i + 1]` of `use`, which are places in `arg`. */
  readonly useStart: Int32Array;
  readonly use: Int32Array;
  /** Which node an argument belongs to. */
  readonly owner: Int32Array;
  private readonly arrays = new Map<number, ArrayInfo>();

  constructor(document: Document) {
    if (document?.format !== FORMAT) throw new Error(`expected a graph of format ${FORMAT}, got ${String(document?.format)}`);
    const c = (name: string): Packed => document.columns[name]!;
    this.n = document.nodes;
    this.outputs = document.outputs;
    this.tables = document.tables;
    this.op = ints(c("op"));
    this.scope = ints(c("scope"));
    this.source = ints(c("source"));
    this.options = ints(c("options"));
    this.label = ints(c("label"));
    this.shape = ints(c("shape"));
    this.dtype = ints(c("dtype"));
    this.index = floats(c("index"));
    this.holds = small(c("holds"));
    this.data = floats(c("data"));
    this.gradHolds = small(c("grad_holds"));
    this.grad = floats(c("grad"));
    this.exact = ints(c("exact"));
    this.gradExact = ints(c("grad_exact"));
    this.flags = unpack(c("flags"), (n) => new Uint16Array(n));
    this.start = ints(c("start"));
    this.arg = ints(document.arguments["node"]!);
    this.kind = small(document.arguments["kind"]!);
    this.local = floats(document.arguments["local"]!);
    this.norm = later(document.arguments["norm"], this.arg.length, NaN);
    this.mean = later(document.arguments["mean"], this.arg.length, NaN);
    this.owner = new Int32Array(this.arg.length);
    this.useStart = new Int32Array(this.n + 1);
    this.use = this.uses();
    this.readArrays(document.arrays);
  }

  private uses(): Int32Array {
    const { start, arg, useStart } = this;
    for (let v = 0; v < this.n; v++) {
      for (let e = start[v]!; e < start[v + 1]!; e++) {
        this.owner[e] = v;
        if (arg[e]! >= 0) useStart[arg[e]! + 1]!++;
      }
    }
    for (let v = 0; v < this.n; v++) useStart[v + 1]! += useStart[v]!;
    const next = useStart.slice();
    const use = new Int32Array(useStart[this.n]!);
    for (let e = 0; e < arg.length; e++) if (arg[e]! >= 0) use[next[arg[e]!]!++] = e;
    return use;
  }

  private readArrays(group: Group): void {
    const [node, gradient, pixel] = ["node", "gradient", "pixel"].map((name) => floats(group[name]!)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const statistics = STATISTICS.map((name) => later(group[name], node.length, name === "norm" ? NaN : 0));
    const pixels = unpack(group["pixels"]!, (n) => new Float32Array(n));
    for (let i = 0; i < node.length; i++) {
      const of = Object.fromEntries(STATISTICS.map((name, k) => [name, statistics[k]![i]!])) as Omit<ArrayInfo, "pixels">;
      const info = { ...of, pixels: pixels.subarray(pixel[i]!, pixel[i]! + of.rows * of.columns) };
      this.arrays.set(2 * node[i]! + gradient[i]!, info);
    }
  }

  /** Statistics of the data or of the gradient of a node that holds an array. */
  array(v: number, gradient: boolean): ArrayInfo | undefined {
    return this.arrays.get(2 * v + (gradient ? 1 : 0));
  }

  /** How many numbers a node holds. */
  size(v: number): number {
    return (this.tables.shapes[this.shape[v]!] ?? []).reduce((n, side) => n * side, 1);
  }

  opOf(v: number): Op | undefined {
    return this.tables.ops[this.op[v]!];
  }

  /** Whether backward left any gradient. */
  get hasGradients(): boolean {
    return this.gradHolds.some((holds) => holds !== Holds.none);
  }

  isLeaf(v: number): boolean {
    return this.op[v]! < 0;
  }

  labelOf(v: number): string {
    return this.tables.labels[this.label[v]!] ?? "";
  }

  sourceOf(v: number): Source | undefined {
    return this.tables.sources[this.source[v]!];
  }

  constantOf(argument: number): Constant | undefined {
    return this.tables.constants[-1 - argument];
  }

  /** The calls of modules around a node, outermost first, as one text. */
  module(v: number): string {
    const path: string[] = [];
    for (let s = this.scope[v]!; s >= 0; s = this.tables.scopes[s]!.parent) path.push(this.tables.scopes[s]!.title);
    return path.reverse().join(" / ");
  }

  /** What a node is called: its label, or its op. */
  name(v: number): string {
    return this.labelOf(v) || this.opOf(v)?.name || "value";
  }
}
