// Links that lead to the same page with another part: the reader stays where that part is.

// Goes without leaving the place on the page, and puts the focus where the reader goes on: at the
// first of some targets that is there.
export async function goTo(atlas, address, ...targets) {
  await atlas.go(address, { focus: false, scroll: false });
  const found = targets.map((one) => document.querySelector(`#atlas-view ${one}`)).find(Boolean);
  found?.focus({ preventScroll: true });
  found?.scrollIntoView({ block: "nearest" });
  atlas.say(document.title.split(" · ")[0]);
}

// Links that change a part of the page lead to that part.
export function stay(element, atlas) {
  element.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-stay]");
    if (!link || event.defaultPrevented || !plain(event)) return;
    event.preventDefault();
    goTo(atlas, link.getAttribute("href"), `#${link.dataset.stay}`);
  });
}

export function plain(event) {
  return !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey;
}
