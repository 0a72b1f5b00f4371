/** The state of the explorer as the part of an address after `#`, to be shared and reloaded. */

import { type ColorBy, type Theme } from "./colors.js";
import { type Moment } from "./steps.js";

export interface State {
  open: string[];
  chosen: number[];
  moment: Moment;
  by: ColorBy;
  theme: Theme;
  which: number;
  view: [x: number, y: number, zoom: number];
}

const among = <T extends string>(words: readonly T[], word: string | null): T | undefined => words.find((one) => one === word);

export function written(s: State): string {
  const words = new URLSearchParams({ o: s.open.join("_"), c: s.by, t: s.theme });
  if (s.chosen.length) words.set("s", s.chosen.join("_"));
  if (s.moment.pass !== "off") words.set(s.moment.pass, String(s.moment.k));
  if (s.which) words.set("g", String(s.which));
  const [x, y, zoom] = s.view;
  words.set("v", [x.toFixed(0), y.toFixed(0), zoom.toPrecision(4)].join("_"));
  return words.toString();
}

/** What an address says; what it does not say, or says wrong, is left out. */
export function read(address: string): Partial<State> {
  const words = new URLSearchParams(address.replace(/^#/, ""));
  const list = (key: string): string[] => (words.get(key) ?? "").split("_").filter(Boolean);
  const state: Partial<State> = { which: words.get("g") === "1" ? 1 : 0 };
  if (list("o").length) state.open = list("o").filter((id) => /^\d+(\.\d+)*$/.test(id));
  state.chosen = list("s")
    .map(Number)
    .filter((v) => Number.isInteger(v) && v >= 0);
  for (const pass of ["backward", "forward"] as const) {
    const k = Number(words.get(pass) ?? 0);
    if (Number.isInteger(k) && k > 0) state.moment = { pass, k };
  }
  const by = among(["gradient", "value", "time", "none"] as const, words.get("c"));
  const theme = among(["light", "dark"] as const, words.get("t"));
  if (by) state.by = by;
  if (theme) state.theme = theme;
  const [x, y, zoom] = list("v").map(Number);
  if (zoom && Number.isFinite(zoom) && Number.isFinite(x) && Number.isFinite(y)) state.view = [x!, y!, zoom];
  return state;
}
