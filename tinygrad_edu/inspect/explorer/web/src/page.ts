/** For one file on its own: the graphs are in the page, in scripts of type application/json. */

import { mount } from "./index.js";

const read = (id: string): string => document.getElementById(id)?.textContent ?? "";
const element = document.getElementById("explorer")!;
const options = JSON.parse(read("options") || "{}") as { title?: string; theme?: "auto" };
const other = read("other");
const explorer = mount(element, read("graph"), {
  ...options,
  other: other ? JSON.parse(other) : null,
  wholePage: true,
  height: "100vh",
});
Reflect.set(window, "explorer", explorer); // for the console
