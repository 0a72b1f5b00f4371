/** For other pages: `mount(element, data, options)` shows a graph in an element. */

import { type Document } from "./data.js";
import { Explorer } from "./explorer.js";
import { type Options } from "./host.js";

export { type Document, FORMAT } from "./data.js";
export { Explorer } from "./explorer.js";
export { type Options } from "./host.js";

/** Show a graph. `data` is what `graph.to_json()` wrote, as text or parsed. */
export function mount(element: HTMLElement, data: Document | string, options: Options = {}): Explorer {
  return new Explorer(element, typeof data === "string" ? (JSON.parse(data) as Document) : data, options);
}
