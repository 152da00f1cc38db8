// Pictures whose marks are links: the arrow keys move from one to the next, and a line below says what it is.

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export function pictures(element) {
  element.querySelectorAll("[data-rove]").forEach(rove);
  element.querySelectorAll("[data-rove]").forEach(tell);
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

// Says below a picture what the link under the pointer or the focus is.
function tell(picture) {
  const told = picture.querySelector(".told");
  if (!told) return;
  const show = (event) => {
    told.textContent = event.target.closest("a")?.getAttribute("aria-label") || "\u00a0";
  };
  for (const kind of ["pointerover", "focusin"]) picture.addEventListener(kind, show);
  for (const kind of ["pointerleave", "focusout"]) picture.addEventListener(kind, () => (told.textContent = "\u00a0"));
}
