// Shows the view that the address names, and follows links and forms without loading the page anew.

import { account, ask, told } from "./asking.js";
import { islands, scripts } from "./islands.js";
import * as kept from "./kept.js";
import * as menus from "./menus.js";
import { recall, store } from "./storage.js";

const WAIT = 150; // Milliseconds before progress is shown: what is quicker than that would flicker.

let view, running, asked = 0, leave = () => {};

export function start(element) {
  view = element.querySelector("#atlas-view");
  theme(element.querySelector("#atlas-theme"));
  account(element.querySelector("#atlas-account"));
  element.addEventListener("click", follow);
  element.addEventListener("submit", submitted);
  window.addEventListener("popstate", () => show({ focus: false }));
  history.scrollRestoration = "manual";
  menus.start(element);
  kept.start(element, { go, say, act });
  show({ focus: false });
}

// Goes to an address such as "?view=map"; `replace` leaves no step for the back button.
export function go(address, { replace = false, focus = true, scroll = true } = {}) {
  const target = new URL(address, location.pathname === "/" ? location.href : location.href.split("?")[0]);
  if (replace) history.replaceState(history.state, "", target);
  else {
    history.replaceState({ top: window.scrollY }, "");
    history.pushState({ top: 0 }, "", target);
  }
  return show({ focus, scroll });
}

// Writes a state into the address without asking for the view again: a map that was panned.
export function note(changes, { push = false } = {}) {
  const target = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") target.searchParams.delete(name);
    else target.searchParams.set(name, value);
  }
  history[push ? "pushState" : "replaceState"](history.state, "", target);
}

// Tells what happened, to eyes and to screen readers, or to these alone.
export function say(message, { shown = true } = {}) {
  const told = document.getElementById("atlas-said");
  told.textContent = message;
  told.classList.toggle("shown", shown);
  clearTimeout(say.timer);
  say.timer = setTimeout(() => told.classList.remove("shown"), 6000);
}

// Asks the server to do what an action says; answers what it did.
export async function act(action, fields) {
  try {
    const done = await ask("act", { address: location.search, action, fields });
    if (done.message) say(done.message);
    return done;
  } catch (refused) {
    say(refused.message);
    return { done: false };
  }
}

// The view at an address, as the server gives it, without going there.
export async function answered(address, more = {}) {
  try {
    return await ask("show", { address, kept: more });
  } catch (refused) {
    return told(refused);
  }
}

async function show({ focus = true, scroll = true } = {}) {
  const mine = ++asked;
  window.atlasIdle = false; // For whoever drives the page by script.
  clearTimeout(running);
  running = setTimeout(() => busy(true), WAIT);
  const page = await answered(location.search, kept.forView(location.search));
  const found = await scripts(page.html);
  if (mine !== asked) return; // Someone has gone on meanwhile.
  clearTimeout(running);
  busy(false);
  leave();
  leave = () => {};
  view.innerHTML = page.html;
  kept.mark(view);
  document.title = page.title === "LFM Atlas" ? page.title : `${page.title} · LFM Atlas`;
  if (page.feeds) announce(page.feeds);
  here();
  const left = await islands(view, found, { go, note, say, act, answered, show });
  if (mine !== asked) return left(); // The next view is on its way, or here.
  leave = left;
  window.atlasIdle = true;
  if (scroll) window.scrollTo(0, (history.state && history.state.top) || 0);
  if (focus) {
    view.focus({ preventScroll: true });
    say(page.title, { shown: false }); // Eyes see the heading.
  }
}

// The document names the feeds of the view that it was opened at; the browser's reader looks again.
function announce(feeds) {
  for (const link of document.head.querySelectorAll("link[rel=alternate][type='application/atom+xml']")) link.remove();
  for (const { href, title } of feeds) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "alternate", type: "application/atom+xml", href, title }));
  }
}

function busy(is) {
  document.getElementById("atlas-progress").hidden = !is;
  view.setAttribute("aria-busy", String(is));
}

function here() {
  const name = view.querySelector("[data-view-name]")?.dataset.viewName;
  for (const link of document.querySelectorAll("#atlas nav a[data-view]")) {
    if (link.dataset.view === name) {
      link.setAttribute("aria-current", "page");
      link.parentElement.scrollLeft = link.offsetLeft - link.parentElement.clientWidth / 2;
    } else link.removeAttribute("aria-current");
  }
}

function follow(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const href = link.id === "atlas-again" ? location.search || "?" : link.getAttribute("href");
  if (href.startsWith("#")) {
    event.preventDefault();
    const target = document.getElementById(href.slice(1));
    target?.focus();
    target?.scrollIntoView();
  } else if (href.startsWith("?") && !link.getAttribute("target") && !link.hasAttribute("download")) {
    event.preventDefault();
    go(href);
  }
}

// A form either names an action of the server or fills an address.
async function submitted(event) {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const form = event.target;
  const data = new FormData(form, event.submitter);
  if (form.dataset.action) {
    const done = await act(form.dataset.action, Object.fromEntries(data));
    if (done.done) show({ focus: false, scroll: false });
    return;
  }
  const target = new URLSearchParams();
  for (const [name, value] of data) if (String(value).trim()) target.append(name, String(value).trim());
  go(`?${target}`);
}

function theme(button) {
  const stored = recall("atlas-theme");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = (dark) => {
    document.body.classList.toggle("dark", dark);
    button.setAttribute("aria-pressed", String(dark));
  };
  apply(stored ? stored === "dark" : system.matches);
  system.addEventListener("change", () => recall("atlas-theme") || apply(system.matches));
  button.addEventListener("click", () => {
    const dark = !document.body.classList.contains("dark");
    store("atlas-theme", dark ? "dark" : "light");
    apply(dark);
  });
}
