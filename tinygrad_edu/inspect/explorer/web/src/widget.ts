/** For notebooks: an anywidget whose model holds the JSON of a graph, and the number of the node that is chosen. */

import { type Theme } from "./colors.js";
import { type Explorer } from "./explorer.js";
import { firstTheme } from "./host.js";
import { mount } from "./index.js";

export { mount };

interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(name: string, act: () => void): void;
  off(name: string, act: () => void): void;
}

/** What the notebook looks like, if it says so. */
function theme(wanted: string): Theme | "auto" {
  if (wanted === "light" || wanted === "dark") return wanted;
  const { jpThemeLight: lab, vscodeThemeKind: code } = document.body.dataset;
  if (lab) return lab === "true" ? "light" : "dark";
  return code ? (code.includes("light") ? "light" : "dark") : "auto";
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const host = document.createElement("div");
  el.append(host);
  const other = model.get("other") as string;
  const looks = (): Theme | "auto" => theme(String(model.get("theme")));
  let explorer: Explorer | undefined;
  const show = (): void => {
    const state = explorer?.state;
    explorer?.destroy();
    explorer = mount(host, model.get("graph") as string, {
      other: other ? JSON.parse(other) : null,
      theme: looks(),
      height: `${String(model.get("height"))}px`,
      wheelNeedsFocus: true,
      onSelect: (node) => {
        model.set("selected", node);
        model.save_changes();
      },
      ...(state && { state }),
    });
  };
  const follow = (): void => {
    const node = model.get("selected") as number;
    if (node >= 0 && node !== explorer?.selected) explorer?.reveal(node);
  };
  const acts: [string, () => void][] = [
    ["change:graph", show],
    ["change:selected", follow],
    ["change:theme", () => explorer?.themed(firstTheme({ theme: looks() }))],
    ["change:height", () => explorer?.tall(Number(model.get("height")))],
  ];
  show();
  for (const [name, act] of acts) model.on(name, act);
  return () => {
    for (const [name, act] of acts) model.off(name, act);
    explorer?.destroy();
  };
}

export default { render };
