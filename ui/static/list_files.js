// Reading lists as files and as addresses.

import { checkedList } from "./kept_state.js";

const FORMAT = "lfm-atlas-reading-lists";
const LARGEST = 1_000_000; // Bytes that the server reads of a bibliography.
const LARGEST_SENT = 1_150_000; // Bytes of it as JSON, which doubles some characters.
const LARGEST_LISTS = 20_000_000;
const LONGEST_ADDRESS = 19_000;

// Lists as the text of a file that `listsOf` reads.
export function written(lists) {
  const papers = ({ id, title, added, read, note }) => ({ id, title, added, read, note });
  const some = lists.map((list) => ({ name: list.name, papers: list.papers.map(papers) }));
  return `${JSON.stringify({ format: FORMAT, version: 1, lists: some }, null, 2)}\n`;
}

// The lists of a file's text; null where it is no such file, an error where it cannot be used.
export function listsOf(text) {
  if (!/^\s*[{[]/.test(text)) return null;
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    if (text.includes(`"${FORMAT}"`)) throw new Error("This file of reading lists is damaged: it is no valid JSON.");
    return null;
  }
  if (found?.format !== FORMAT) return null;
  if (found.version !== 1) throw new Error("This file was written by a newer LFM Atlas.");
  const lists = (Array.isArray(found.lists) ? found.lists : []).map(checkedList);
  if (!lists.length || lists.includes(null)) throw new Error("This file of reading lists is damaged: a list has no name or no papers.");
  return lists;
}

// The text of a file, whatever it was saved in.
export async function textOf(file) {
  if (file.size > LARGEST_LISTS) throw new Error(`${file.name} is too large: 1 MB at most`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const wide = { "255,254": "utf-16le", "254,255": "utf-16be" }[bytes.slice(0, 2).join()];
  if (wide) return new TextDecoder(wide).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes); // What older reference managers write.
  }
}

// Whether the server reads a bibliography as long as this.
export function fits(text) {
  const size = (one) => new Blob([one]).size;
  return size(text) <= LARGEST && size(JSON.stringify(text)) <= LARGEST_SENT;
}

export function download(text, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// A name that every system lets a file have.
export function fileName(list, ending) {
  const plain = list.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  return `${plain.slice(0, 60) || "reading-list"}.${ending}`;
}

// The address by which anyone sees the papers of a list, or null where it would be too long.
export function shareAddress(name, papers) {
  const ids = papers.map(({ id }) => id.replace(/[%,]/g, encodeURIComponent)).join(",");
  const query = new URLSearchParams({ view: "lists", name, shared: ids });
  const address = new URL(`?${query.toString().replace(/%2C/g, ",")}`, document.baseURI);
  return address.search.length > LONGEST_ADDRESS ? null : address.href;
}

// The ids of such an address.
export function sharedIds(search) {
  const named = new URLSearchParams(search).getAll("shared").flatMap((part) => part.split(","));
  return [...new Set(named.map(plain).map((id) => id.trim()).filter(Boolean))];
}

function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
