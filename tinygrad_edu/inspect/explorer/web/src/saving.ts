/** What the reader takes away: the whole scene as SVG, what is in sight as PNG, the graph as JSON. */

import { el } from "./dom.js";
import { type Explorer } from "./explorer.js";
import { EVERYTHING, paint } from "./paint.js";
import { SvgPainter } from "./painters.js";

export const KINDS = ["svg", "png", "json"] as const;

export async function save(x: Explorer, kind: (typeof KINDS)[number]): Promise<void> {
  const text = (content: string, type: string): Blob => new Blob([content], { type });
  const made = {
    svg: () => text(svg(x), "image/svg+xml"),
    png: () => x.view.png(),
    json: () => text(JSON.stringify(x.shown), "application/json"),
  };
  download(`graph.${kind}`, await made[kind]());
}

function svg(x: Explorer): string {
  const painter = new SvgPainter();
  const [scene, look] = [x.scene, x.look()];
  paint(painter, scene, look, EVERYTHING);
  return painter.document(scene.width + 10, scene.height + 10, look.palette.page);
}

/** Hand a file to the user. */
function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
