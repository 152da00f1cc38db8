// What this browser keeps: reading lists. They are read anew before each change, since other tabs
// change them too, and are sent to the server only so far as a view needs them.

import * as stored from "./kept_state.js";

const FIRST = "Reading list";

let root = null;
let told = () => {};
const watchers = new Set();
const removed = new Map(); // What was said of papers that were taken out, should they come back.

// Called once, when the page has started.
export function start(element, { say }) {
  root = element;
  told = say;
  element.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-keep]");
    if (button && !event.defaultPrevented) toggle(button.dataset.keep, into(button));
  });
  window.addEventListener("storage", (event) => {
    // A key of null means that everything was cleared.
    if (event.key === stored.NAME || event.key === null) changed(false);
  });
}

// Shows on the buttons of a part of the page what is kept. `data-list` around a button names its list.
export function mark(part) {
  const state = stored.read();
  for (const button of part.querySelectorAll("button[data-keep]")) {
    const list = find(state, into(button) ?? state.using);
    const kept = Boolean(list?.papers.some((paper) => paper.id === button.dataset.keep));
    button.setAttribute("aria-pressed", String(kept));
    button.textContent = kept ? "Kept" : "Keep";
  }
}

// What the server needs for a view, beside its address. Notes never leave the browser.
export function forView(search) {
  const address = new URLSearchParams(search);
  if (address.get("view") !== "lists") return {};
  const state = stored.read();
  const shown = find(state, address.get("list")?.trim() || state.using);
  return {
    lists: state.lists.map(({ name, papers }) => ({ name, papers: papers.length })),
    using: state.using,
    papers: (shown?.papers ?? []).map(({ id, title, added, read }) => ({ id, title, added, read })),
    former: shown?.former ?? null,
    latest: shown?.latest ?? null,
    trouble: stored.trouble(),
  };
}

// Calls `watcher(mine)` after each change, by this tab or another; returns what ends that.
export function watch(watcher) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export const lists = () => stored.read().lists;
export const using = () => stored.read().using;
export const list = (name) => find(stored.read(), name);

// Adds papers to a list, or to the one in use; makes it where there is none. Returns how many are new.
export function add(ids, { to } = {}) {
  const wanted = [...new Set(ids)];
  let name, fresh, room;
  const done = change((state) => {
    const target = find(state, to ?? state.using) ?? making(state, to ?? FIRST);
    if (!target) return false;
    name = target.name;
    const have = new Set(target.papers.map((paper) => paper.id));
    fresh = wanted.filter((id) => !have.has(id));
    room = Math.max(0, stored.MOST_PAPERS - target.papers.length);
    target.papers.unshift(...fresh.slice(0, room).map((id) => removed.get(id) ?? entry(id)));
    return true;
  });
  if (!done) return 0;
  const count = Math.min(fresh.length, room);
  const there = wanted.length - fresh.length;
  const left = fresh.length - count;
  if (!count && !left) told(`Already in ${name}`);
  else {
    const parts = [`Kept ${papers(count)} in ${name}`];
    if (there) parts.push(`${there} ${there === 1 ? "was" : "were"} there already`);
    if (left) parts.push(`no room for ${left} more: a list has ${stored.MOST_PAPERS.toLocaleString("en")} papers at most`);
    told(parts.join("; "));
  }
  return count;
}

// Takes papers out of a list; returns a function that puts them back.
export function remove(ids, from) {
  const out = new Set(ids);
  let before = [];
  const done = change((state) => {
    const target = find(state, from ?? state.using);
    if (!target) return false;
    before = target.papers.map((paper, place) => ({ paper, place })).filter(({ paper }) => out.has(paper.id));
    target.papers = target.papers.filter((paper) => !out.has(paper.id));
    return before.length > 0;
  });
  for (const { paper } of before) removed.set(paper.id, paper);
  return done && (() => change((state) => {
    const target = find(state, from ?? state.using) ?? making(state, from ?? FIRST);
    if (!target) return false;
    for (const { paper, place } of before) {
      if (!target.papers.some((other) => other.id === paper.id)) target.papers.splice(place, 0, paper);
    }
    return true;
  }));
}

function toggle(id, name) {
  const state = stored.read();
  const target = find(state, name ?? state.using);
  if (!target?.papers.some((paper) => paper.id === id)) add([id], { to: name });
  else if (remove([id], target.name)) told(`Taken out of ${target.name}`);
}

// Makes a list, which is in use from then on; returns its name, changed where there is one of it.
export function make(name, papers = []) {
  let made = null;
  change((state) => {
    made = making(state, name);
    if (made) made.papers = papers;
    return Boolean(made);
  });
  return made?.name ?? null;
}

export function rename(name, to) {
  to = stored.cleanName(to);
  return change((state) => {
    const target = find(state, name);
    if (!target || !to) return false;
    if (to !== name && find(state, to)) {
      told(`There is a list ${to} already`);
      return false;
    }
    if (state.using === name) state.using = to;
    target.name = to;
    return true;
  }) && to;
}

// Deletes a list; returns a function that brings it back.
export function erase(name) {
  let gone, place, before;
  const done = change((state) => {
    place = state.lists.findIndex((one) => one.name === name);
    if (place < 0) return false;
    before = state.using;
    [gone] = state.lists.splice(place, 1);
    if (before === name) state.using = state.lists[0]?.name ?? null;
    return true;
  });
  return done && (() => change((state) => {
    gone.name = free(state, gone.name);
    state.lists.splice(place, 0, gone);
    if (before === name) state.using = gone.name;
    return true;
  }) && gone.name);
}

export function duplicate(name) {
  const source = list(name);
  return source && make(`${name.slice(0, stored.LONGEST_NAME - 8)} (copy)`, source.papers);
}

// Changes a list by a function of it.
export function edit(name, how) {
  return change((state) => {
    const target = find(state, name);
    return Boolean(target) && how(target) !== false;
  });
}

export const use = (name) => change((state) => {
  state.using = find(state, name)?.name ?? state.using;
  return true;
});

// Keeps lists that came in a file; returns their names.
export function takeIn(found) {
  const names = [];
  const done = change((state) => {
    for (const one of found) {
      const made = making(state, one.name);
      if (!made) return false;
      made.papers = one.papers;
      names.push(made.name);
    }
    return true;
  });
  return done ? names : [];
}

function change(how) {
  const state = stored.read();
  if (!how(state)) return false;
  if (!stored.write(state)) {
    told("This browser has no room left: nothing was changed. Export a list and delete it, then try again.");
    return false;
  }
  changed(true);
  return true;
}

function changed(mine) {
  if (root) mark(root);
  for (const watcher of watchers) watcher(mine);
}

function making(state, name) {
  if (state.lists.length >= stored.MOST_LISTS) {
    told(`There is room for ${stored.MOST_LISTS} lists: delete one first`);
    return null;
  }
  const made = { name: free(state, stored.cleanName(name) || FIRST), former: null, latest: null, papers: [] };
  state.lists.push(made);
  state.using = made.name;
  return made;
}

// A name that no list has: this one, or the same with a number.
function free(state, name) {
  for (let number = 1; ; number += 1) {
    const tail = number > 1 ? ` ${number}` : "";
    const tried = name.slice(0, stored.LONGEST_NAME - tail.length) + tail;
    if (!find(state, tried)) return tried;
  }
}

const find = (state, name) => state.lists.find((one) => one.name === name) ?? null;
const into = (button) => button.closest("[data-list]")?.dataset.list || undefined;
const entry = (id) => ({ id, title: "", added: new Date().toISOString(), read: false, note: "" });
const papers = (count) => `${count.toLocaleString("en")} paper${count === 1 ? "" : "s"}`;
