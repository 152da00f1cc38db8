// A graph that can be moved, magnified, read and grown. The server draws it; see ui/templates/graph_canvas.html.

import { Drawing } from "./graph_drawing.js";
import { gestures } from "./graph_gestures.js";
import { tell } from "./graph_panel.js";
import { Viewport } from "./viewport.js";

const LIMITS = { margin: 34, smallest: 0.05, largest: 1.6, farthest: 0.5, closest: 12, digits: 1 };
const STEP = 1.4; // Of one press of + or of a button.
const REST = 250; // Milliseconds after which what moved is at rest, and goes into the address.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function mount(element, atlas) {
  const svg = element.querySelector(".drawing");
  const stop = svg ? picture(element, svg, atlas) : undefined;
  const choices = element.querySelector(".choices");
  if (choices) choose(choices, atlas);
  return stop;
}

function picture(element, svg, { go, note, say }) {
  const compact = element.matches(".compact");
  const params = compact ? new URLSearchParams() : new URLSearchParams(location.search);
  const viewport = new Viewport(svg.dataset.box.split(" ").map(Number), LIMITS);
  const drawing = new Drawing(svg, viewport);
  const panel = element.querySelector(".about"), tip = element.querySelector(".tip");
  const centre = drawing.nodes[svg.dataset.centre] || null;
  let chosen = null, pointed = null, here = centre || drawing.nodes.find(({ element: one }) => one.matches(".main")) || drawing.nodes[0], timer;

  // -- the address --

  const put = new Map(); // Nodes that were put elsewhere.
  for (const one of (params.get("moved") || "").split("~")) {
    const [, id, x, y] = one.match(/^(.+)@(-?[\d.]+),(-?[\d.]+)$/) || [];
    const node = drawing.nodes.find((other) => other.id === id);
    if (node) (node.x = Number(x)), (node.y = Number(y)), put.set(id, node);
  }
  viewport.read(params);

  function settled() {
    clearTimeout(timer);
    timer = null;
    if (!compact) note(viewport.tell());
  }
  function moved() {
    drawing.draw();
    clearTimeout(timer);
    timer = setTimeout(settled, REST);
  }

  // -- what stands out --

  function shown() {
    const node = pointed || chosen;
    drawing.light(node);
    if (panel) tell(panel, element, drawing, node || here, { pinned: Boolean(chosen) && !pointed });
    if (tip) tip.textContent = node ? node.element.getAttribute("aria-label") : "";
  }
  function point(node) {
    if (node === pointed) return;
    pointed = node;
    shown();
  }
  function select(node, { quietly = false } = {}) {
    chosen?.element.classList.remove("chosen");
    chosen = node;
    node?.element.classList.add("chosen");
    if (node) rove(node);
    shown();
    if (quietly) return;
    note({ at: node ? node.id : null });
    if (node) say(node.element.getAttribute("aria-label"));
  }
  function rove(node) {
    here.element.tabIndex = -1;
    here = node;
    here.element.tabIndex = 0;
  }
  const under = (event) => {
    const link = event.target.closest?.(".node");
    return link ? drawing.nodes[link.dataset.node] : null;
  };

  svg.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse" && !svg.matches(".dragging")) point(under(event));
  });
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("focusin", (event) => {
    const node = under(event);
    if (!node) return;
    rove(node);
    if (!event.target.matches(":focus-visible")) return; // A press of the mouse.
    viewport.show(node.x, node.y);
    moved();
    point(node);
  });
  svg.addEventListener("focusout", () => point(null));

  // -- clicks and keys --

  gestures(svg, drawing, {
    wheel: !compact,
    moved,
    placed(node) {
      put.set(node.id, node);
      if (!compact) note({ moved: [...put.values()].map(({ id, x, y }) => `${id}@${x.toFixed(1)},${y.toFixed(1)}`).join("~") });
    },
  });
  svg.addEventListener("click", (event) => {
    const node = under(event);
    if (compact || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // The first click reads, the next one opens; Enter opens at once, and it clicks no times.
    if (node && (event.detail === 0 || (node === chosen && element.contains(panel)))) return;
    event.preventDefault();
    select(node);
  });
  svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = under(event), arrow = ARROWS[event.key];
    if (arrow && node) drawing.beside(node, arrow)?.element.focus();
    else if (arrow) viewport.pan((-arrow[0] * viewport.width) / 6, (-arrow[1] * viewport.height) / 6), moved();
    else if (event.key === " " && node) compact || select(node);
    else if (event.key === "Escape") compact || select(null);
    else if (zooms[event.key]) zooms[event.key](), moved();
    else return;
    event.preventDefault();
  });
  const zooms = { "+": () => viewport.magnify(STEP), "-": () => viewport.magnify(1 / STEP), 0: () => viewport.home() };
  zooms["="] = zooms["+"];
  const buttons = { in: zooms["+"], out: zooms["-"], all: zooms[0] };
  for (const button of element.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => (buttons[button.dataset.zoom](), moved()));
  }

  // A name in the panel or in the list leads to its node; elsewhere the link is followed.
  element.addEventListener("click", (event) => {
    if (timer) settled(); // A link leads away: one comes back to what was seen.
    const link = event.target.closest(".about a[data-to]");
    if (!link) return;
    event.preventDefault();
    const node = drawing.nodes[link.dataset.to];
    viewport.show(node.x, node.y);
    moved();
    select(node);
    panel.querySelector("h3 a")?.focus();
  }, { capture: true });
  panel?.addEventListener("click", (event) => {
    const link = event.target.closest("a.button");
    if (!link || !link.search.includes("expand=")) return;
    event.preventDefault();
    go(link.getAttribute("href"), { focus: false, scroll: false });
  });

  // -- the start --

  drawing.nodes.forEach((node) => (node.element.tabIndex = -1));
  here.element.tabIndex = 0;
  function fit() {
    [viewport.width, viewport.height] = [svg.clientWidth, svg.clientHeight];
    drawing.now();
  }
  fit();
  const sized = new ResizeObserver(fit);
  sized.observe(svg);
  const at = drawing.nodes.find((node) => node.id === params.get("at"));
  if (at) select(at, { quietly: true });
  else shown();

  return () => {
    clearTimeout(timer);
    sized.disconnect();
  };
}

// A change of what is drawn is drawn at once.
function choose(form, { go, say }) {
  form.querySelector("[data-apply]").hidden = true;
  form.addEventListener("change", async (event) => {
    const { name, value } = event.target;
    const fields = new URLSearchParams(new FormData(form));
    if (name === "kind" && !fields.has("kind")) {
      event.target.checked = true;
      say("One kind of link stays.");
      return;
    }
    await go(`?${fields}`, { focus: false, scroll: false });
    const again = [...document.querySelectorAll(`#atlas-view .choices [name="${name}"]`)];
    (again.find((one) => one.value === value) || again[0])?.focus();
  });
}
