// The views of topics: arrow keys in the pictures, what a slice or a bar says, and finding in the tree.

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export function mount(element, atlas) {
  element.querySelectorAll("[data-rove]").forEach(rove);
  element.querySelectorAll(".burst").forEach((burst) => drill(burst, atlas));
  element.querySelectorAll(".chart").forEach(tell);
  element.querySelectorAll(".tree").forEach((tree) => find(tree, atlas));
  stay(element, atlas);
}

// Goes without leaving the place on the page, and puts the focus where the reader goes on: at the
// first of some targets that is there.
async function goTo(atlas, address, ...targets) {
  await atlas.go(address, { focus: false, scroll: false });
  const found = targets.map((one) => document.querySelector(`#atlas-view ${one}`)).find(Boolean);
  found?.focus({ preventScroll: true });
  found?.scrollIntoView({ block: "nearest" });
  atlas.say(document.title.split(" · ")[0]);
}

// A picture of many links is one stop of the Tab key; the arrow keys move within it. Each link tells
// its row and its place in it, which may be an angle.
function rove(picture) {
  const links = [...picture.querySelectorAll("a[data-row]")].map((link) => ({
    link,
    row: Number(link.dataset.row),
    at: Number(link.dataset.at),
    around: Number(link.dataset.around) || 0,
  }));
  if (!links.length) return;
  const rows = [...new Set(links.map((one) => one.row))].sort((a, b) => a - b);
  let here = links.find((one) => one.link.hasAttribute("aria-current")) || links[0];
  here.link.tabIndex = 0;

  function move(to) {
    here.link.tabIndex = -1;
    here = to;
    here.link.tabIndex = 0;
  }
  function away(one) {
    const distance = Math.abs(one.at - here.at);
    return one.around ? Math.min(distance, one.around - distance) : distance;
  }
  function stepped([down, along]) {
    if (along) {
      const row = links.filter((one) => one.row === here.row).sort((a, b) => a.at - b.at);
      const to = row.indexOf(here) + along;
      return here.around ? row.at(to % row.length) : row[to];
    }
    const row = rows[rows.indexOf(here.row) + down];
    const found = links.filter((one) => one.row === row);
    return found.length ? found.reduce((best, one) => (away(one) < away(best) ? one : best)) : null;
  }
  picture.addEventListener("focusin", (event) => {
    const found = links.find((one) => one.link === event.target.closest("a"));
    if (found) move(found);
  });
  picture.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || !event.target.closest("a[data-row]")) return;
    event.preventDefault();
    stepped(step)?.link.focus();
  });
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

// Says below a chart what the segment under the pointer or the focus is.
function tell(chart) {
  const told = chart.querySelector(".told");
  const show = (event) => {
    told.textContent = event.target.closest("a")?.getAttribute("aria-label") || "\u00a0";
  };
  for (const kind of ["pointerover", "focusin"]) chart.addEventListener(kind, show);
  for (const kind of ["pointerleave", "focusout"]) chart.addEventListener(kind, () => (told.textContent = "\u00a0"));
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

// Links that change a part of the page lead to that part.
function stay(element, atlas) {
  element.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-stay], .topic .chart a");
    if (!link || event.defaultPrevented || !plain(event)) return;
    event.preventDefault();
    goTo(atlas, link.getAttribute("href"), `#${link.dataset.stay || "topic-papers"}`);
  });
}

function plain(event) {
  return !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey;
}
