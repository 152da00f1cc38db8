// The map of all papers: what is shown, lit up and pointed at, and what of it stands in the address.

import { BUTTONS, gestures } from "./map_gestures.js";
import { bounds, load, nearest, Titles, within } from "./map_points.js";
import { Scene } from "./map_scene.js";
import { Viewport } from "./viewport.js";

const LIMITS = { margin: 26, smallest: 1, closest: 60, digits: 4 };
const LISTED = 25; // Papers in view that are listed.
const REST = 250; // Milliseconds after which what moved is at rest: it goes into the address and the list.
const NAMED = 160; // So few papers in view have their titles on the map.
const AROUND = 40; // Papers whose titles are fetched with that of the one pointed at.

export async function mount(element, { go, note, answered }) {
  const params = new URLSearchParams(location.search);
  const one = (selector) => element.querySelector(selector);
  const canvas = one("canvas"), tip = one(".tip"), titles = new Titles();
  const marks = [...element.querySelectorAll(".legend button")].map((button) => ({
    id: button.dataset.area,
    name: button.dataset.name,
    element: button,
    drawing: button.querySelector("svg"),
    path: new Path2D(button.querySelector("path").getAttribute("d")),
  }));
  const points = await load(marks.map(({ id }) => id));
  one(".waiting").remove();
  const camera = new Viewport(bounds(points), LIMITS);
  const scene = new Scene(canvas, points, marks);
  const hidden = (params.get("hide") || "").split(",").filter((id) => marks.some((mark) => mark.id === id));
  const look = {
    lit: null, // 1 for each paper that is lit up; null where none is.
    hits: new Map(), // Ranks of the answers, by row.
    marked: points.rows.get(Number(element.dataset.marked)) ?? -1,
    hover: -1,
    named: [], // Rows and titles of papers that are seen from near.
    hidden: new Set(hidden), // Areas.
    topic: params.get("topic"),
  };
  const years = one(".years") && { since: one("[name=since]"), until: one("[name=until]") };
  let timer, frame, pointing, lists = 0;

  // A marked paper is looked at from near, where the address says nothing else.
  if (look.marked >= 0 && !params.has("zoom")) camera.read(new URLSearchParams({ x: points.x[look.marked], y: points.y[look.marked], zoom: 6 }));
  else camera.read(params);

  function draw() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => scene.draw(camera, look));
  }

  function moved() {
    point(-1);
    draw();
    later();
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(settled, REST);
  }

  function settled() {
    clearTimeout(timer);
    timer = null;
    note(camera.tell());
    list();
  }

  // -- what is shown and lit up --

  function select() {
    const [since, until] = years ? [Number(years.since.value), Number(years.until.value)] : [0, 0];
    const all = !years || (years.since.value === years.since.min && years.until.value === years.until.max);
    for (let row = 0; row < points.count; row++) {
      const year = points.years[row];
      points.shown[row] = !look.hidden.has(marks[points.area[row]].id) && (all || (year >= since && year <= until));
    }
    marks.forEach(({ id, element: button }) => button.setAttribute("aria-pressed", !look.hidden.has(id)));
    scene.changed();
    draw();
    later();
  }

  function light() {
    const answers = one(".answers");
    look.hits = new Map(JSON.parse(answers?.dataset.hits || "[]").map(([key, rank]) => [points.rows.get(key), rank]).filter(([row]) => row !== undefined));
    look.lit = answers || look.topic ? new Uint8Array(points.count) : null;
    if (look.topic) for (const row of points.under(look.topic)) look.lit[row] = 1;
    for (const row of look.hits.keys()) look.lit[row] = 1;
    scene.changed();
    draw();
  }

  for (const { id, element: button } of marks) {
    button.addEventListener("click", () => {
      look.hidden.has(id) ? look.hidden.delete(id) : look.hidden.add(id);
      note({ hide: [...look.hidden].join() });
      select();
    });
  }

  for (const slider of years ? Object.values(years) : []) {
    slider.addEventListener("input", () => {
      // The one pushes the other along.
      if (Number(years.since.value) > Number(years.until.value)) (slider === years.since ? years.until : years.since).value = slider.value;
      for (const each of Object.values(years)) each.parentElement.querySelector(".year").textContent = each.value;
      select();
    });
    slider.addEventListener("change", async () => {
      const { since, until } = years;
      note({ since: since.value === since.min ? null : since.value, until: until.value === until.max ? null : until.value });
      if (!one(".answers")) return;
      // Answers of other years: the server knows them.
      const asked = location.search, page = await answered(asked);
      if (location.search !== asked || !element.isConnected) return;
      const other = new DOMParser().parseFromString(page.html, "text/html").querySelector(".answers");
      if (!other) return;
      one(".answers").replaceWith(other);
      light();
    });
  }

  // -- pointing --

  function point(row) {
    clearTimeout(pointing);
    if (row === look.hover) return;
    look.hover = row;
    canvas.style.cursor = row >= 0 ? "pointer" : "";
    tip.hidden = true;
    draw();
    if (row >= 0) pointing = setTimeout(() => tell(row), titles.get(points.keys[row]) ? 0 : 60);
  }

  async function tell(row) {
    const [x, y] = [points.x[row], points.y[row]], reach = 60 / camera.scale;
    const near = within(points, [x - reach, y - reach, x + reach, y + reach], AROUND).rows;
    await titles.want([points.keys[row], ...near.map((other) => points.keys[other])]);
    const paper = titles.get(points.keys[row]);
    if (look.hover !== row || !paper) return;
    tip.replaceChildren(link(paper), facts([paper.byline, paper.year, marks[points.area[row]].name, paper.withdrawn && "withdrawn"]));
    tip.hidden = false;
    const [px, py] = camera.toScreen(x, y);
    const { offsetWidth: wide, offsetHeight: high } = tip;
    tip.style.left = `${Math.max(6, Math.min(camera.width - wide - 6, px - wide / 2))}px`;
    tip.style.top = `${py > high + 22 ? py - high - 16 : py + 18}px`;
  }

  function hit(px, py, radius) {
    const [x, y] = camera.toPicture(px, py);
    // An answer's mark is larger than the papers around it.
    for (const [row] of look.hits) {
      if (Math.hypot(points.x[row] - x, points.y[row] - y) * camera.scale < 9) return row;
    }
    return nearest(points, x, y, radius / camera.scale);
  }

  gestures(canvas, camera, {
    moved,
    pointed: (px, py) => point(hit(px, py, 12)),
    left: () => point(-1),
    async pressed(px, py, byFinger) {
      const row = hit(px, py, byFinger ? 22 : 12);
      if (byFinger || row < 0) return point(row); // A finger sees first what it touched, and opens it there.
      await titles.want([points.keys[row]]);
      open(titles.get(points.keys[row]));
    },
  });

  function open(paper) {
    if (!paper) return;
    if (timer) settled();
    go(address(paper));
  }

  // -- the lists beside --

  async function list() {
    const { number, rows } = within(points, camera.box, LISTED, look.topic && look.lit);
    const mine = ++lists;
    one(".in-view").setAttribute("aria-busy", "true");
    await titles.want(rows.map((row) => points.keys[row]));
    if (mine !== lists || !element.isConnected) return; // The map has moved on meanwhile.
    const entries = rows.map((row) => [row, titles.get(points.keys[row])]).filter(([, paper]) => paper);
    look.named = number > NAMED ? [] : entries.map(([row, paper]) => [row, paper.title]);
    draw();
    one(".counted").textContent = counted(number, entries.length);
    one(".in-view ol").replaceChildren(...entries.map(([row, paper]) => {
      const entry = document.createElement("li");
      entry.dataset.key = paper.key;
      entry.dataset.area = marks[points.area[row]].id;
      const mark = marks[points.area[row]].drawing.cloneNode(true);
      entry.append(mark, link(paper), facts([paper.year, paper.withdrawn && "withdrawn"]));
      return entry;
    }));
    one(".in-view").setAttribute("aria-busy", "false");
  }

  function link(paper) {
    const anchor = document.createElement("a");
    anchor.href = address(paper);
    const text = document.createElement("bdi");
    text.textContent = paper.title;
    anchor.append(text);
    return anchor;
  }

  // A paper of a list is shown on the map while it is pointed at or has the focus.
  for (const kind of ["pointerover", "focusin"]) {
    one(".beside").addEventListener(kind, (event) => {
      const key = event.target.closest("li[data-key]")?.dataset.key;
      look.hover = points.rows.get(Number(key)) ?? -1;
      tip.hidden = true;
      draw();
    });
  }
  for (const kind of ["pointerleave", "focusout"]) one(".beside").addEventListener(kind, () => point(-1));

  // -- the rest --

  for (const button of element.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      BUTTONS[button.dataset.zoom](camera);
      moved();
    });
  }
  canvas.addEventListener("keydown", (event) => event.key === "Escape" && point(-1));
  // A link leads away: what moved just now is to be in the address that one comes back to.
  element.addEventListener("click", () => timer && settled(), { capture: true });

  // A new question keeps the rest of what the address says.
  one("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (timer) settled();
    const target = new URLSearchParams(location.search);
    target.delete("paper");
    for (const [name, value] of new FormData(event.target)) value.trim() ? target.set(name, value.trim()) : target.delete(name);
    go(`?${target}`);
  });
  one("select").addEventListener("change", () => one("form").requestSubmit());

  function fit() {
    [camera.width, camera.height] = [canvas.clientWidth, canvas.clientHeight];
    scene.resize();
    scene.draw(camera, look);
    list();
  }
  const sized = new ResizeObserver(fit); // Calls once at the start.
  sized.observe(canvas);
  const themed = new MutationObserver(() => (scene.recolour(), draw()));
  themed.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  select();
  light();
  clearTimeout(timer); // Nothing has moved yet.
  timer = null;

  return () => {
    clearTimeout(timer);
    clearTimeout(pointing);
    cancelAnimationFrame(frame);
    sized.disconnect();
    themed.disconnect();
  };
}

function address(paper) {
  return `?view=paper&paper=${encodeURIComponent(paper.id).replace(/%3A/g, ":").replace(/%2F/g, "/")}`;
}

function facts(parts) {
  const line = document.createElement("span");
  line.className = "quiet";
  line.textContent = parts.filter(Boolean).join(" · ");
  return line;
}

function counted(number, listed) {
  if (!number) return "None here. Zoom out, widen the years, or show an area again.";
  const papers = `${number.toLocaleString("en")} ${number === 1 ? "paper" : "papers"}`;
  return listed < number ? `${papers}; the ${listed} nearest to the middle:` : `${papers}:`;
}
