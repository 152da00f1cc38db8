// The view of the reading lists: what is done with a list happens here and is stored in the browser;
// the server is asked again only where it has more to tell.

import * as kept from "./kept.js";
import { aside, forgetAside } from "./kept_state.js";
import { download, fileName, shareAddress, sharedIds, written } from "./list_files.js";
import { importing } from "./lists_import.js";

let undo = null; // What was done last, in words, and what takes it back. It outlives the view.

export function mount(view, { go, note, say, act, show }) {
  const name = view.dataset.list;
  const address = (list, more = {}) => `?${new URLSearchParams({ view: "lists", list, ...more })}`;
  let typing = null;

  // The address says which list is shown, also where the one in use is.
  if (name && !new URLSearchParams(location.search).has("list")) note({ list: name });
  if (name) remembered();
  offerUndo();
  fillNotes();
  share();
  const stopImporting = importing(view, { go, say, act, address });

  // Titles as they were seen last tell what is lost, should the atlas lose it; ids are followed.
  function remembered() {
    const followed = JSON.parse(view.querySelector("[data-followed]")?.dataset.followed ?? "{}");
    const titles = new Map([...view.querySelectorAll("[data-id]")].map((card) => [card.dataset.id, card.querySelector("h3")?.textContent.trim()]));
    const news = view.querySelector("[data-seen]");
    const list = kept.list(name);
    const learns = list?.papers.some(({ id, title }) => followed[id] || (titles.get(id) && !title));
    if (!learns && !news) return;
    kept.edit(name, (list) => {
      for (const paper of list.papers) paper.title = (titles.get(paper.id) || paper.title).slice(0, 300);
      list.papers = joined(list.papers, followed);
      if (news) Object.assign(list, { former: news.dataset.since || null, latest: news.dataset.seen });
    });
    for (const card of view.querySelectorAll("[data-id]")) card.dataset.id = followed[card.dataset.id] ?? card.dataset.id;
  }

  function offerUndo() {
    const bar = view.querySelector(".undo");
    bar.hidden = !undo;
    bar.replaceChildren();
    if (!undo) return;
    const told = document.createElement("span");
    told.textContent = undo.told;
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "small", textContent: "Undo" });
    button.dataset.do = "undo";
    bar.append(told, button);
  }

  function fillNotes() {
    if (!name) return;
    const papers = new Map(kept.list(name)?.papers.map((paper) => [paper.id, paper]));
    for (const card of view.querySelectorAll(".kept")) {
      const text = papers.get(card.dataset.id)?.note;
      if (!text) continue;
      card.querySelector("textarea").value = text;
      open(card, true);
    }
  }

  function open(card, is) {
    card.querySelector(".note").hidden = !is;
    card.querySelector("[data-do=note]").setAttribute("aria-expanded", String(is));
    if (is) grow(card.querySelector("textarea"));
  }

  function share() {
    const place = view.querySelector(".share");
    if (!place) return;
    const list = kept.list(name);
    const found = list && shareAddress(name, list.papers);
    place.textContent = found ?? "This list is too long for an address: export it as JSON and send the file.";
    view.querySelector("[data-copies='.share']").hidden = !found;
  }

  // Shows the list anew and gives the focus back to where it was, or to what stands there now.
  async function again(...places) {
    await show({ focus: false, scroll: false });
    const target = places.map((place) => document.querySelector(place)).find((found) => found && !found.disabled);
    (target ?? document.getElementById("atlas-view")).focus({ preventScroll: Boolean(target) });
  }

  function move(card, by) {
    const list = card.dataset.id;
    kept.edit(name, ({ papers }) => {
      const at = papers.findIndex(({ id }) => id === list);
      const to = at + by;
      if (at < 0 || to < 0 || to >= papers.length) return false;
      papers.splice(to, 0, ...papers.splice(at, 1));
      return true;
    });
    return again(`[data-id="${CSS.escape(list)}"] [data-do=${by < 0 ? "up" : "down"}]`, `[data-id="${CSS.escape(list)}"] [data-do=${by < 0 ? "down" : "up"}]`);
  }

  const doing = {
    undo: async () => {
      const back = undo?.back();
      if (!back) return;
      say("Undone");
      undo = null;
      await (typeof back === "string" ? go(address(back)) : again("#atlas-view h1"));
    },
    read: (button, card) => {
      const is = button.getAttribute("aria-pressed") !== "true";
      const done = kept.edit(name, ({ papers }) => {
        const paper = papers.find(({ id }) => id === card.dataset.id);
        if (paper) paper.read = is;
      });
      if (!done) return;
      button.setAttribute("aria-pressed", String(is));
      card.classList.toggle("read", is);
      view.querySelector(".unread-count").textContent = kept.list(name).papers.filter(({ read }) => !read).length;
    },
    up: (button, card) => move(card, -1),
    down: (button, card) => move(card, 1),
    note: (button, card) => {
      const is = button.getAttribute("aria-expanded") !== "true";
      open(card, is);
      if (is) card.querySelector("textarea").focus();
    },
    remove: (button) => {
      const { id } = button.dataset;
      const title = button.closest(".kept")?.querySelector("h3").textContent.trim() ?? id;
      const place = [...view.querySelectorAll("[data-do=remove]")].indexOf(button);
      const back = kept.remove([id], name);
      if (!back) return;
      undo = { told: `Removed “${title}”.`, back };
      say(`Removed ${title}`);
      again(`.kept #lists-paper-${place + 1}-remove`, ".undo button");
    },
    use: () => kept.use(name) && again(`nav a[aria-current]`),
    duplicate: () => {
      const made = kept.duplicate(name);
      if (made) go(address(made)).then(() => say(`Made ${made}`));
    },
    erase: () => {
      const back = kept.erase(name);
      if (!back) return;
      undo = { told: `Deleted the list “${name}”.`, back };
      go("?view=lists").then(() => say(`Deleted ${name}`));
    },
    export: async ({ dataset }) => {
      const ids = name ? kept.list(name).papers.map(({ id }) => id) : sharedIds(location.search);
      const file = await act("export_papers", { format: dataset.format, ids });
      if (!file.done) return;
      const called = name ?? view.querySelector("h1").textContent.trim();
      download(file.text, fileName(called, file.ending), file.type);
      say(`Exported ${called}` + (file.absent ? `; ${file.absent} left out that the atlas does not have` : ""));
    },
    save: () => download(written([kept.list(name)]), fileName(name, "json"), "application/json"),
    "save-all": () => download(written(kept.lists()), "reading-lists.json", "application/json"),
    "save-damaged": () => download(aside(), "damaged-reading-lists.txt", "text/plain"),
    "forget-damaged": () => (forgetAside(), again("#atlas-view h1")),
    "make-named": ({ dataset }) => created(dataset.name),
    "keep-shared": () => {
      const made = kept.make(view.querySelector("h1").textContent.trim());
      if (!made) return;
      kept.add(sharedIds(location.search), { to: made });
      go(address(made));
    },
  };

  function created(wanted) {
    const made = kept.make(wanted);
    if (made) go(address(made)).then(() => say(`Made ${made}: papers you keep go here now`));
  }

  const forms = {
    make: (data) => created(data.get("name")),
    rename: (data) => {
      const to = kept.rename(name, data.get("name"));
      if (!to) return;
      const query = new URLSearchParams(location.search);
      query.set("list", to);
      go(`?${query}`, { replace: true }).then(() => say(`Renamed to ${to}`));
    },
  };

  function clicked(event) {
    const button = event.target.closest("button[data-do]");
    if (button && view.contains(button)) doing[button.dataset.do]?.(button, button.closest(".kept"));
  }

  function submitted(event) {
    const does = forms[event.target.dataset.do];
    if (!does) return;
    event.preventDefault();
    does(new FormData(event.target));
  }

  // Notes are stored soon after they are written, and at once when one leaves.
  function typed(event) {
    const area = event.target.closest(".note textarea");
    if (!area) return;
    grow(area);
    clearTimeout(typing?.timer);
    if (typing && typing.area !== area) saved();
    typing = { area, timer: setTimeout(saved, 400) };
  }

  function saved() {
    if (!typing) return;
    const { area, timer } = typing;
    clearTimeout(timer);
    typing = null;
    kept.edit(name, ({ papers }) => {
      const paper = papers.find(({ id }) => id === area.closest(".kept").dataset.id);
      if (paper) paper.note = area.value;
    });
  }

  const stopWatching = kept.watch((mine) => {
    for (const { name, papers } of kept.lists()) {
      for (const place of view.querySelectorAll(`[data-count="${CSS.escape(name)}"]`)) place.textContent = papers.length;
    }
    share();
    // What another tab did is shown, unless someone is writing here.
    if (!mine && !view.contains(document.activeElement?.closest("input, textarea"))) show({ focus: false, scroll: false });
  });

  view.addEventListener("click", clicked);
  view.addEventListener("submit", submitted);
  view.addEventListener("input", typed);
  view.addEventListener("change", saved);
  window.addEventListener("pagehide", saved);
  return () => {
    saved();
    stopWatching();
    stopImporting();
    window.removeEventListener("pagehide", saved);
  };
}

// Papers under the ids that they have now; of two that became one, what was said of both.
function joined(papers, followed) {
  const found = new Map();
  for (const paper of papers) {
    const id = followed[paper.id] ?? paper.id;
    const other = found.get(id);
    if (!other) found.set(id, { ...paper, id });
    else {
      other.read ||= paper.read;
      other.note = [other.note, paper.note].filter(Boolean).join("\n");
    }
  }
  return [...found.values()];
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, 400)}px`;
}
