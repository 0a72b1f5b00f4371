/** The element of a page or notebook that an explorer is in. */

import { type State } from "./address.js";
import { type Theme } from "./colors.js";
import { type Document } from "./data.js";
import { STYLE } from "./style.js";

export interface Options {
  /** A second graph to compare with. */
  other?: Document | null;
  /** The page is the explorer's alone: keys work wherever the focus is, and the address holds the state. */
  wholePage?: boolean;
  theme?: Theme | "auto";
  /** The wheel zooms only where the explorer has the focus, so that it does not catch a scrolling page. */
  wheelNeedsFocus?: boolean;
  height?: string;
  title?: string;
  /** What is open, chosen and in sight at the start, as another explorer had it. */
  state?: Partial<State>;
  /** Called with the number of a node when the reader chooses it. */
  onSelect?: (node: number) => void;
}

/** Light or dark: what is wanted, or what the system has. */
export function firstTheme({ theme }: Options): Theme {
  if (theme && theme !== "auto") return theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** What an explorer does when the page around it says so. */
export interface Answers {
  key(event: KeyboardEvent): void;
  /** The address has changed. */
  address(): void;
  /** Before the page is printed, and after. */
  paper(on: boolean): void;
}

/** Put an explorer into its element, out of reach of the page's styles; what undoes it is returned. */
export function place(host: HTMLElement, root: HTMLElement, options: Options, answers: Answers): () => void {
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [style];
  shadow.replaceChildren(root);
  if (options.height) root.style.setProperty("--height", options.height);
  host.dataset["lmSuppressShortcuts"] = "true"; // JupyterLab's keys
  const listening = new AbortController();
  const { signal } = listening;
  if (options.wholePage) {
    document.addEventListener("keydown", (event) => answers.key(event), { signal });
    window.addEventListener("hashchange", () => answers.address(), { signal });
  } else root.addEventListener("keydown", (event) => (event.stopPropagation(), answers.key(event)), { signal }); // a notebook has keys of its own
  window.addEventListener("beforeprint", () => answers.paper(true), { signal });
  window.addEventListener("afterprint", () => answers.paper(false), { signal });
  return () => {
    listening.abort();
    shadow.replaceChildren();
  };
}
