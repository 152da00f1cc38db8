// The reading lists as they are stored: one text of JSON with its version.
//
// {version: 1, using: NAME, lists: [{name, former, latest, papers: [{id, title, added, read, note}]}]}
//
// Any other program of this address, an older page or a full disk may have left anything there. What
// cannot be read is set aside and never written over.

import { forget, lasts, recall, store } from "./storage.js";

export const NAME = "atlas-lists";
const ASIDE = "atlas-lists-damaged";
const VERSION = 1;

export const LONGEST_NAME = 80;
export const MOST_LISTS = 200;
export const MOST_PAPERS = 1000; // The server answers for as many: search/pages/related.py.
const LONGEST_ID = 300;
const LONGEST_TITLE = 300;
const LONGEST_NOTE = 10000;

let temporary = null; // What is shown where nothing may be stored over what is there.
let problem = null;

// A copy of all lists, which `write` takes back.
export function read() {
  if (temporary) return structuredClone(temporary);
  const text = recall(NAME);
  if (text === null) return { version: VERSION, using: null, lists: [] };
  const found = parsed(text);
  if (found?.version > VERSION) return instead("newer");
  const state = checked(found);
  if (state.whole) return state.lists;
  if (!store(ASIDE, [recall(ASIDE), text].filter(Boolean).join("\n")) || !write(state.lists)) return instead("unsaved");
  return state.lists;
}

// Returns false where the browser has no room: then nothing has changed.
export function write(state) {
  if (temporary) {
    temporary = structuredClone(state);
    return true;
  }
  return store(NAME, JSON.stringify(state));
}

// Why lists may not last, if so: "blocked", "newer", "unsaved", or "damaged" where some were set aside.
export function trouble() {
  if (problem) return problem;
  if (!lasts()) return "blocked";
  return recall(ASIDE) === null ? null : "damaged";
}

// The text that could not be read.
export const aside = () => recall(ASIDE) ?? recall(NAME) ?? "";

export const forgetAside = () => forget(ASIDE);

function instead(why) {
  problem = why;
  temporary = { version: VERSION, using: null, lists: [] };
  return structuredClone(temporary);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// The lists of what may be anything, and whether nothing was lost.
function checked(found) {
  const lists = [];
  let whole = found?.version === VERSION && Array.isArray(found.lists);
  for (const one of whole ? found.lists : []) {
    const list = checkedList(one);
    if (!list || lists.some((other) => other.name === list.name)) whole = false;
    else {
      whole &&= list.papers.length === one.papers.length;
      lists.push(list);
    }
  }
  const using = lists.some((list) => list.name === found.using) ? found.using : (lists[0]?.name ?? null);
  return { whole, lists: { version: VERSION, using, lists } };
}

// A list of what may be anything, such as a file: its name and the papers that can be read, or null.
export function checkedList(found) {
  const name = cleanName(found?.name);
  if (!name || !Array.isArray(found.papers)) return null;
  const papers = new Map();
  for (const one of found.papers.slice(0, MOST_PAPERS)) {
    const paper = checkedPaper(one);
    if (paper && !papers.has(paper.id)) papers.set(paper.id, paper);
  }
  return { name, former: time(found.former), latest: time(found.latest), papers: [...papers.values()] };
}

function checkedPaper(found) {
  const id = text(found?.id, LONGEST_ID).trim();
  if (!id) return null;
  return {
    id,
    title: text(found.title, LONGEST_TITLE),
    added: time(found.added) ?? new Date().toISOString(),
    read: found.read === true,
    note: text(found.note, LONGEST_NOTE),
  };
}

// A name on one line, or nothing.
export const cleanName = (name) => text(name, 1000).replace(/\s+/g, " ").trim().slice(0, LONGEST_NAME).trim();

const text = (value, longest) => (typeof value === "string" ? value.slice(0, longest) : "");

const time = (value) => (typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value.slice(0, 40) : null);
