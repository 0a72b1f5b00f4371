/** What each key does. */

import { type Explorer } from "./explorer.js";
import { nextAlarm, nextDifference } from "./tour.js";

type Act = (event: KeyboardEvent) => void;

function acts(x: Explorer): Record<string, Act> {
  const group = x.scene.boxes[x.focused]?.group;
  const last = x.scene.boxes.length - 1;
  const pass = (event: KeyboardEvent): "forward" | "backward" => (event.shiftKey ? "forward" : "backward");
  return {
    ArrowRight: (event) => x.steps.move(pass(event), 1),
    ArrowLeft: (event) => x.steps.move(pass(event), -1),
    " ": () => x.steps.toggle(),
    ArrowDown: () => x.view.focus(Math.min(x.focused + 1, last)),
    ArrowUp: () => x.view.focus(Math.max(x.focused - 1, 0)),
    Home: () => x.view.focus(0),
    End: () => x.view.focus(last),
    Enter: (event) => x.pressed(x.focused, event),
    e: () => group && x.expand(group),
    c: () => group?.parent && group.parent !== x.tree.root && x.close(group.parent),
    f: () => x.view.fit(),
    "+": () => x.view.scale(1.25),
    "=": () => x.view.scale(1.25),
    "-": () => x.view.scale(0.8),
    n: () => nextAlarm(x),
    d: () => nextDifference(x),
    t: () => x.toggleTheme(),
    "/": () => x.bar.search.focus(),
    "?": () => x.bar.help.showModal(),
    Escape: () => x.clear(),
  };
}

/** Whether what has the focus takes the key for itself. */
function taken(target: HTMLElement, key: string): boolean {
  if (target.matches("input[type=search], select, dialog *")) return true;
  if (target.matches("input[type=range]")) return /^(Arrow|Home|End|Page)/.test(key);
  return target.matches("button:not([data-box]), summary") && (key === "Enter" || key === " ");
}

export function handle(x: Explorer, event: KeyboardEvent): void {
  const act = acts(x)[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  if (taken(event.composedPath()[0] as HTMLElement, event.key)) return;
  event.preventDefault();
  act(event);
}
