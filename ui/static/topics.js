// The views of topics: arrow keys in the pictures, what a slice or a bar says, and finding in the tree.

import { pictures } from "./roving.js";
import { goTo, plain, stay } from "./staying.js";

export function mount(element, atlas) {
  pictures(element);
  element.querySelectorAll(".burst").forEach((burst) => drill(burst, atlas));
  element.querySelectorAll(".tree").forEach((tree) => find(tree, atlas));
  stay(element, atlas);
}

// Names the slice under the pointer or the focus in the hole, and stays at the picture when it is drilled into.
function drill(burst, atlas) {
  const [name, count] = burst.querySelectorAll(".name, .count");
  const show = (from) => {
    name.textContent = from ? from.dataset.name : name.dataset.name;
    count.textContent = from ? from.dataset.count : count.dataset.count;
  };
  const at = (event) => event.target.closest("a[data-name]");
  for (const kind of ["pointerover", "focusin"]) burst.addEventListener(kind, (event) => show(at(event)));
  for (const kind of ["pointerleave", "focusout"]) burst.addEventListener(kind, () => show(null));
  burst.addEventListener("click", (event) => {
    const href = event.target.closest("a")?.getAttribute("href");
    if (!plain(event) || !href || href.includes("topic=")) return;
    event.preventDefault();
    goTo(atlas, href, ".burst .up", ".burst a[tabindex='0']");
  });
}

// Shows the topics whose names have all words of the box, with what is above them.
function find(tree, atlas) {
  const [box, all] = tree.querySelectorAll("input, .row button");
  const items = [...tree.querySelectorAll("li")];
  const branches = [...tree.querySelectorAll("details")];
  const atFirst = branches.map((branch) => branch.open);
  let before = null; // Which branches were open when the search began.
  const none = tree.querySelector("#topics-none");
  box.hidden = all.hidden = false;
  const found = () => items.filter((item) => item.matches(".found"));

  function filter() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of items) {
      item.classList.toggle("found", words.length > 0 && words.every((word) => item.dataset.names.includes(word)));
    }
    for (const item of items) {
      item.hidden = words.length > 0 && !item.matches(".found") && !item.querySelector(".found");
    }
    const count = found().length;
    none.hidden = !words.length || count > 0;
    if (words.length) {
      before ??= branches.map((branch) => branch.open);
      branches.forEach((branch) => (branch.open = branch.querySelector(".found") !== null));
      atlas.say(`${count} topic${count === 1 ? "" : "s"} found`);
    } else if (before) {
      branches.forEach((branch, at) => (branch.open = before[at]));
      before = null;
    }
  }
  box.addEventListener("input", filter);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      box.value = "";
      filter();
    }
    if (event.key === "Enter" && found().length) atlas.go(found()[0].querySelector("a").getAttribute("href"));
  });
  all.addEventListener("click", () => {
    const open = all.getAttribute("aria-pressed") !== "true";
    all.setAttribute("aria-pressed", String(open));
    branches.forEach((branch, at) => (branch.open = open || atFirst[at]));
  });
}
