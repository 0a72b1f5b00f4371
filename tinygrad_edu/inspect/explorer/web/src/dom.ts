/** A few lines to make elements, and formulas out of strings. */

type Child = Node | string | null | undefined | false;
type Props = Record<string, unknown>;

/** An element with properties, event handlers (`onclick`), attributes (with a dash, or `role`) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, String(value));
    else Reflect.set(element, key, value);
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

const MATHML = "http://www.w3.org/1998/Math/MathML";
const TAGS = new Set(
  "math mrow mi mn mo mtext mspace mfrac msqrt mroot msup msub msubsup mover munder munderover mtable mtr mtd mfenced mstyle mpadded semantics".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(
  "mathvariant stretchy fence separator linethickness columnalign width open close separators accent displaystyle".split(" "),
);

/** MathML from a string; null if it is none. Nothing but formulas comes through. */
export function formula(source: string): Element | null {
  if (!source) return null;
  const parsed = new DOMParser().parseFromString(source, "application/xml").documentElement;
  if (parsed.localName !== "math" || parsed.querySelector("parsererror")) return null;
  return copied(parsed);
}

function copied(from: Element): Element | null {
  if (!TAGS.has(from.localName)) return null;
  const to = document.createElementNS(MATHML, from.localName);
  for (const { name, value } of from.attributes) if (ATTRIBUTES.has(name)) to.setAttribute(name, value);
  for (const child of from.childNodes) {
    const copy = child instanceof Element ? copied(child) : child.textContent;
    if (copy) to.append(copy);
  }
  return to;
}
