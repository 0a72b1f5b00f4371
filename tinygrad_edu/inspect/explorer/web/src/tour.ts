/** From one remarkable node to the next: what went wrong, and what differs between two graphs. */

import { type Explorer } from "./explorer.js";
import { alarmed } from "./looks.js";
import { thousands } from "./words.js";

/** Choose the first node that went wrong; then the next one. */
export function nextAlarm(x: Explorer): void {
  next(
    x,
    alarmed(x.graph),
    "alarm",
    "Every number is finite, no gradient vanishes or explodes, and no unit is dead or saturated.",
  );
}

/** Choose the first node that the other graph does not have, or not so; then the next one. */
export function nextDifference(x: Explorer): void {
  const { match } = x;
  if (!match) return x.steps.say("There is one graph here, and nothing to compare it with.");
  const apart = [...match.other.keys()].filter((v) => match.other[v]! < 0 || match.changed[v]);
  next(x, apart, "difference", "Every node of this graph is in the other one, with the same numbers to the last bit.");
}

function next(x: Explorer, nodes: number[], what: string, none: string): void {
  const at = x.lit ? nodes.indexOf(x.selected) + 1 : 0;
  const v = nodes[at % nodes.length];
  if (v === undefined) return x.steps.say(none);
  x.reveal(v);
  x.steps.say(`${what} ${thousands(nodes.indexOf(v) + 1)} of ${thousands(nodes.length)}`);
}
