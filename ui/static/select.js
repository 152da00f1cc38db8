// Papers of an answer: selecting several, taking them away, keeping them.

import { add, mark } from "./kept.js";

export function mount(results, { note, say }) {
  const boxes = [...results.querySelectorAll(".pick input")];
  const every = results.querySelector("#pick-all");
  const bar = results.querySelector(".selection");
  const picked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const file = (format) => `export/${format}?${new URLSearchParams(picked().map((id) => ["id", id]))}`;

  function tell() {
    const ids = picked();
    every.checked = ids.length === boxes.length;
    every.indeterminate = ids.length > 0 && !every.checked;
    bar.hidden = !ids.length;
    bar.querySelector(".picked").textContent = `${ids.length} selected`;
    for (const link of bar.querySelectorAll("[data-format]")) link.href = file(link.dataset.format);
    const comparison = bar.querySelector("[data-compare]");
    comparison.hidden = ids.length < 2;
    comparison.href = `?${new URLSearchParams([["view", "compare"], ...ids.map((id) => ["id", id])])}`;
    for (const link of results.querySelectorAll("[data-keeps-picked]")) {
      const query = new URLSearchParams(link.getAttribute("href"));
      if (ids.length) query.set("picked", ids.join(" "));
      else query.delete("picked");
      link.setAttribute("href", `?${query}`);
    }
  }

  // What is selected stands in the address, and so survives going to a paper and back.
  function changed() {
    tell();
    note({ picked: picked().join(" ") });
  }

  function all(checked) {
    for (const box of boxes) box.checked = checked;
    changed();
  }

  async function copy() {
    const answer = await fetch(file("bibtex"));
    if (!answer.ok) return say(await answer.text());
    say((await copied(await answer.text())) ? "BibTeX copied" : "The browser did not let it be copied");
  }

  const doing = { copy, keep: () => add(picked()), clear: () => (all(false), every.focus()) };

  results.addEventListener("change", (event) => {
    if (event.target === every) all(every.checked);
    else if (boxes.includes(event.target)) changed();
  });
  results.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) doing[button.dataset.do]();
  });
  mark(results);
  tell();
}

async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  // Without HTTPS, on another machine, there is only the old way.
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
