/** The bar at the top: search, what to show and how, and what to take away. */

import { type ColorBy } from "./colors.js";
import { type Match } from "./compare.js";
import { type Graph } from "./data.js";
import { el } from "./dom.js";
import { type Explorer } from "./explorer.js";
import { nextAlarm, nextDifference } from "./tour.js";
import { alarmed } from "./looks.js";
import { KINDS, save } from "./saving.js";
import { cut, opText, thousands, value, visible } from "./words.js";

const MOST_FOUND = 200;
const KEYS: [string, string][] = [
  ["← →", "step through backward; with shift, through forward"],
  ["space", "play"],
  ["↑ ↓ Home End", "go from box to box"],
  ["Enter", "choose a node, or open a group; with shift, a second node: only the paths between"],
  ["e  c", "open a group; close the one around"],
  ["f  + −", "fit; zoom"],
  ["/", "search: words, grad>1, |grad|<1e-6, data<0, nan, dead, saturated, zero, vanishing, exploding, leaf"],
  ["n", "next alarm, first where it began"],
  ["d", "next difference, when two graphs are compared"],
  ["t", "light or dark"],
  ["Esc", "back to the start"],
  ["×0.5", "on an edge: the local derivative"],
  ["‖0.5‖", "on an edge between arrays: the norm of what flows back there"],
  ["2 uses", "on an edge: how many uses it stands for"],
];

export class Bar {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly help: HTMLDialogElement;
  private readonly title = el("span", { className: "title" });
  private readonly list = el("ul", { className: "found", id: "found", role: "listbox", hidden: true, "aria-label": "found" });
  private readonly colors: HTMLSelectElement;
  private readonly alarms = el("button", {
    type: "button",
    title: "first bad op, then the next (n)",
    onclick: () => nextAlarm(this.explorer),
  });
  private readonly swap: HTMLButtonElement;
  private found: number[] = [];
  private chosen = 0;
  private graph: Graph | null = null;

  constructor(
    private readonly explorer: Explorer,
    private readonly name: string,
    matches: Match[],
  ) {
    this.search = el("input", {
      type: "search",
      placeholder: "search  /",
      "aria-label": "search",
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": "found",
      "aria-expanded": "false",
      spellcheck: false,
    });
    this.search.addEventListener("input", () => this.look());
    this.search.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.pick((event.target as HTMLElement).closest<HTMLElement>("li")));
    const options: [ColorBy, string][] = [
      ["gradient", "colour: gradient"],
      ["value", "colour: value"],
      ["time", "colour: time"],
      ["none", "colour: none"],
    ];
    this.colors = el(
      "select",
      { "aria-label": "colour by", onchange: () => explorer.color(this.colors.value as ColorBy) },
      ...options.map(([v, text]) => el("option", { value: v }, text)),
    );
    const [a, b] = matches;
    this.swap = button("show the other graph", "A", () => explorer.swap());
    const [removed, added, changed] = [a?.added ?? 0, b?.added ?? 0, a?.differing ?? 0].map(thousands);
    const counts = `${removed} removed, ${added} added, ${changed} changed`;
    const apart = button(`next difference (d): ${counts}`, `−${removed} +${added} Δ${changed}`, () => nextDifference(explorer));
    this.swap.hidden = apart.hidden = !a;
    this.help = this.dialog();
    this.element = el(
      "header",
      {},
      this.title,
      el("span", { className: "find" }, this.search, this.list),
      button("fit (f)", "fit", () => explorer.view.fit()),
      button("as at the start", "collapse", () => explorer.collapseAll()),
      button("open everything, or what can be drawn of it", "open all", () => explorer.expandAll()),
      this.colors,
      this.alarms,
      this.swap,
      apart,
      el("span", { className: "grow" }),
      this.saving(),
      button("light or dark (t)", "◐", () => explorer.toggleTheme()),
      button("keys (?)", "?", () => this.help.showModal()),
    );
  }

  private saving(): HTMLElement {
    const kinds = KINDS.map((kind) =>
      button(`save as ${kind.toUpperCase()}`, kind.toUpperCase(), () => {
        menu.open = false;
        void save(this.explorer, kind);
      }),
    );
    const menu = el("details", { className: "menu" }, el("summary", {}, "save"), el("div", {}, ...kinds));
    menu.addEventListener("focusout", (event) => {
      if (!menu.contains(event.relatedTarget as Node | null)) menu.open = false;
    });
    return menu;
  }

  private dialog(): HTMLDialogElement {
    const rows = KEYS.flatMap(([key, text]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, text)]);
    const close = el("button", { type: "button", onclick: () => this.help.close() }, "close");
    return el("dialog", { "aria-label": "keys" }, el("dl", { className: "keys" }, ...rows), close);
  }

  /** Say what is shown. */
  about(g: Graph, which: number): void {
    this.graph = g;
    this.swap.textContent = which ? "graph B ⇄ A" : "graph A ⇄ B";
    this.swap.setAttribute("aria-pressed", String(which === 1));
    const wrong = alarmed(g).length;
    this.alarms.textContent = wrong ? `⚠ ${thousands(wrong)} ${wrong === 1 ? "alarm" : "alarms"}` : "✓ no alarms";
    this.alarms.className = wrong ? "alarm" : "";
    this.title.textContent = [this.name, `${thousands(g.n)} ${g.n === 1 ? "node" : "nodes"}`].filter(Boolean).join(": ");
  }

  colored(by: ColorBy): void {
    this.colors.value = by;
  }

  // -- search ------------------------------------------------------------------------------------------------------------

  private look(): void {
    const g = this.graph!;
    this.found = this.explorer.find(this.search.value);
    const rows = this.found.slice(0, MOST_FOUND).map((v, i) => {
      const text = [opText(g, v), visible(g.labelOf(v)), cut(g.module(v), 60)].filter(Boolean).join("  ");
      return el(
        "li",
        { role: "option", id: `found${i}`, "data-node": v },
        `${text || "value"}  ${value(g, v, false)}  ∇ ${value(g, v, true)}`,
      );
    });
    const more = this.found.length - MOST_FOUND;
    if (more > 0) rows.push(el("li", { role: "presentation" }, `and ${thousands(more)} more`));
    if (!rows.length) rows.push(el("li", { role: "presentation" }, "nothing found"));
    this.list.replaceChildren(...rows);
    this.opened(this.search.value.trim() !== "");
    this.choose(0);
  }

  private opened(open: boolean): void {
    this.list.hidden = !open;
    this.search.setAttribute("aria-expanded", String(open));
  }

  /** Mark one of the rows, the nearest to a number that there is. */
  private choose(k: number): void {
    const rows = [...this.list.querySelectorAll<HTMLElement>("[data-node]")];
    this.chosen = Math.max(0, Math.min(k, rows.length - 1));
    rows.forEach((row, i) => row.setAttribute("aria-selected", String(i === this.chosen)));
    rows[this.chosen]?.scrollIntoView({ block: "nearest" });
    this.search.setAttribute("aria-activedescendant", rows[this.chosen]?.id ?? "");
  }

  private pick(row: HTMLElement | null): void {
    const v = Number(row?.dataset["node"] ?? -1);
    if (v < 0) return;
    this.opened(false);
    this.explorer.reveal(v);
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) this.choose(this.chosen + step);
    else if (event.key === "Enter") this.pick(this.list.querySelectorAll<HTMLElement>("[data-node]")[this.chosen] ?? null);
    else if (event.key === "Escape") {
      this.opened(false);
      this.explorer.view.focus(Math.max(0, this.explorer.focused));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function button(label: string, text: string, onclick: () => void): HTMLButtonElement {
  return el("button", { type: "button", title: label, "aria-label": label, onclick }, text);
}
