/** The bar at the bottom: two ranges, over the backward tape and over the forward pass, and a line that says what happens. */

import { type Sweep } from "./backward.js";
import { type Graph, Kind } from "./data.js";
import { el } from "./dom.js";
import { putIn } from "./card.js";
import { norm, number, opText, thousands, value, visible } from "./words.js";

export type Pass = "backward" | "forward";

/** Where the time is: step k of a pass; k = 0 is before anything happens. */
export interface Moment {
  pass: Pass | "off";
  k: number;
}

const PLAY = 450; // milliseconds a step

export class Steps {
  readonly element: HTMLElement;
  private readonly ranges: Record<Pass, HTMLInputElement>;
  private readonly text = el("output", { className: "story", "aria-live": "polite" });
  private readonly play = el(
    "button",
    { type: "button", title: "play (space)", "aria-label": "play the backward pass", onclick: () => this.toggle() },
    "▶",
  );
  private timer = 0;
  moment: Moment = { pass: "off", k: 0 };

  constructor(private readonly changed: (moment: Moment) => void) {
    this.ranges = {
      backward: this.range("backward", "step of the backward pass"),
      forward: this.range("forward", "step of the forward pass"),
    };
    const button = (label: string, text: string, by: number): HTMLElement =>
      el("button", { type: "button", title: label, "aria-label": label, onclick: () => this.move("backward", by) }, text);
    const back = el(
      "div",
      { className: "row" },
      el("label", {}, "backward", this.ranges.backward),
      button("previous step (←)", "‹", -1),
      this.play,
      button("next step (→)", "›", 1),
    );
    const forth = el("div", { className: "row" }, el("label", {}, "forward", this.ranges.forward));
    this.element = el("footer", {}, this.text, el("div", { className: "ranges" }, back, forth));
  }

  private range(pass: Pass, label: string): HTMLInputElement {
    const input = el("input", { type: "range", min: "0", value: "0", "aria-label": label });
    input.addEventListener("input", () => this.to({ pass, k: input.valueAsNumber }));
    return input;
  }

  /** For a new graph. */
  reset(backward: number, forward: number): void {
    this.ranges.backward.max = String(backward);
    this.ranges.forward.max = String(forward);
    this.to({ pass: "off", k: 0 });
  }

  get length(): Record<Pass, number> {
    return { backward: Number(this.ranges.backward.max), forward: Number(this.ranges.forward.max) };
  }

  to(moment: Moment): void {
    const pass = moment.pass;
    const k = pass === "off" ? 0 : Math.max(0, Math.min(moment.k, this.length[pass]));
    this.moment = k === 0 ? { pass: "off", k } : { pass, k };
    for (const name of ["backward", "forward"] as const) this.ranges[name].value = String(name === pass ? k : 0);
    this.changed(this.moment);
  }

  move(pass: Pass, by: number): void {
    this.to({ pass, k: (this.moment.pass === pass ? this.moment.k : 0) + by });
  }

  toggle(): void {
    if (this.timer) return this.stop();
    if (this.moment.pass === "backward" && this.moment.k >= this.length.backward) this.to({ pass: "off", k: 0 });
    this.play.textContent = "❚❚";
    this.timer = window.setInterval(() => {
      this.move("backward", 1);
      if (this.moment.k >= this.length.backward) this.stop();
    }, PLAY);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = 0;
    this.play.textContent = "▶";
  }

  say(...story: (string | HTMLElement)[]): void {
    this.text.replaceChildren(...story);
  }
}

/** What happens in a step of the backward pass: each contribution, before and after. */
export function backwardStory(g: Graph, s: Sweep, k: number): string {
  const v = s.steps[k - 1]!;
  const upstream = s.known[v] ? number(s.adjoint[v]!) : value(g, v, true);
  const parts: string[] = [];
  for (let e = g.start[v]!; e < g.start[v + 1]!; e++) parts.push(...contribution(g, s, v, e));
  const name = [opText(g, v), visible(g.labelOf(v))].filter(Boolean).join(" ");
  const more = parts.length > 4 ? ` and ${thousands(parts.length - 4)} more` : "";
  return `step ${thousands(k)} of ${thousands(s.steps.length)}: ${name} receives ${upstream}; ${parts.slice(0, 4).join("; ")}${more}`;
}

function contribution(g: Graph, s: Sweep, v: number, e: number): string[] {
  const a = g.arg[e]!;
  if (a < 0) return [];
  const name = visible(g.name(a)).slice(0, 24);
  if (g.kind[e] === Kind.none) return [`${name}: nothing flows there`];
  if (g.kind[e] !== Kind.number || !s.known[v])
    return [`${name} += ${pulled(g, v, e)}${Number.isNaN(g.norm[e]) ? "" : `, ${norm(g.norm[e]!)}`}`];
  const [before, part] = [s.before[e]!, s.contribution[e]!];
  return [
    `${name} += ${number(g.local[e]!)} × ${number(s.adjoint[v]!)} = ${number(part)}: ${number(before)} → ${number(before + part)}`,
  ];
}

/** How the gradient of an array comes back: `g @ weight`. */
function pulled(g: Graph, v: number, e: number): string {
  const partials = g.opOf(v)!.partials;
  const said = partials[Math.min(e - g.start[v]!, partials.length - 1)];
  if (!said?.text) return "an array, by the rule of the op";
  return said.left.startsWith("dy") ? `g × (${said.text})` : said.text;
}

/** What happens in a step of the forward pass. */
export function forwardStory(g: Graph, k: number): string {
  const v = k - 1;
  const what = g.isLeaf(v) ? `${visible(g.name(v))} is given: ${value(g, v, false)}` : `${visible(g.name(v))} = ${putIn(g, v)}`;
  return `forward ${thousands(k)} of ${thousands(g.n)}: ${what}`;
}
