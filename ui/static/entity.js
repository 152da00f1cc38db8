// The view of an entity: arrow keys in its chart and its family tree, and lists that are turned in place.

import { pictures } from "./roving.js";
import { stay } from "./staying.js";

export function mount(element, atlas) {
  pictures(element);
  stay(element, atlas);
}
