// Bringing papers along: a file, dropped or chosen, or pasted text.

import * as kept from "./kept.js";
import { fits, listsOf, textOf } from "./list_files.js";

const NAME = "Imported papers";

// Returns what ends it; a view without the form is left alone.
export function importing(view, { go, say, act, address }) {
  const form = view.querySelector("form[data-do=import]");
  if (!form) return () => {};
  const { file, into, name } = form.elements;
  const text = form.elements.text;
  const result = view.querySelector(".imported");

  async function submitted(event) {
    event.preventDefault();
    const button = form.querySelector("button.main");
    button.disabled = true;
    try {
      const brought = file.files[0] ? await textOf(file.files[0]) : text.value;
      await take(brought, file.files[0]?.name.replace(/\.[^.]*$/, ""));
    } catch (error) {
      failed(error.message);
    }
    button.disabled = false;
  }

  async function take(brought, called) {
    const lists = listsOf(brought);
    if (lists) {
      const names = kept.takeIn(lists);
      if (!names.length) return;
      await go(address(names[0]));
      say(`Kept ${names.length === 1 ? names[0] : `${names.length} lists`}`);
      return;
    }
    if (!fits(brought)) throw new Error("This is too large: bring 1 MB at a time at most.");
    // A list is made only once there is something to put on it.
    const done = await act("import_papers", { text: brought, list: into.value });
    if (!done.done) {
      failed(done.message ?? "The server did not take it. Try again.");
      return;
    }
    const target = into.value || (done.found.length ? kept.make(name.value.trim() || called || NAME) : null);
    const before = target ? kept.list(target).papers.length : 0;
    if (done.found.length && target) kept.add(done.found, { to: target });
    result.innerHTML = done.html;
    if (target) tell(target, kept.list(target).papers.length - before);
    kept.mark(result);
    result.focus();
  }

  function tell(target, count) {
    for (const part of result.querySelectorAll("section")) part.dataset.list = target;
    const place = result.querySelector(".into");
    if (!place) return;
    const link = document.createElement("a");
    link.href = address(target);
    link.textContent = target;
    place.append(count ? `${count} kept in ` : "All of them are already in ", link, ". ");
  }

  function failed(message) {
    const line = document.createElement("p");
    line.className = "notice weak";
    line.textContent = message.charAt(0).toUpperCase() + message.slice(1);
    result.replaceChildren(line);
    result.focus();
  }

  function chosen() {
    view.querySelector("[data-new-name]").hidden = Boolean(into.value);
  }

  // The whole form takes a file that is dropped.
  function dragged(event) {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    form.classList.toggle("over", event.type === "dragover");
    if (event.type !== "drop") return;
    file.files = event.dataTransfer.files;
    form.querySelector("button.main").focus();
    say(`${file.files[0]?.name ?? "Nothing"} is ready to import`);
  }

  form.addEventListener("submit", submitted);
  into.addEventListener("change", chosen);
  for (const kind of ["dragover", "dragleave", "drop"]) form.addEventListener(kind, dragged);
  return () => {};
}
