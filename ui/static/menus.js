// Menus: <details class="menu"> with a panel. One closes on a click or the focus elsewhere, on choosing
// something in it, and on Escape, in whatever view it stands.

const OPEN = "details.menu[open]";

// Called once, when the page has started.
export function start(root) {
  const leave = (is) => {
    for (const menu of root.querySelectorAll(OPEN)) if (!is(menu)) menu.open = false;
  };
  // In the capturing phase: a canvas that keeps its events to itself is elsewhere as well.
  document.addEventListener("pointerdown", ({ target }) => leave((menu) => menu.contains(target)), true);
  // A click on a text in the menu gives the focus to what is around the menu.
  document.addEventListener("focusin", ({ target }) => leave((menu) => menu.contains(target) || target.contains(menu)), true);
  document.addEventListener("click", ({ target }) => {
    const menu = target instanceof Element && target.closest(OPEN);
    const chosen = menu && target.closest("button, a[href]");
    // A form stays until what it asks for is done: it may be refused, and mended. So does a text that
    // could not be copied and was selected, for the reader to copy.
    if (chosen && menu.contains(chosen) && chosen.type !== "submit" && !selectedIn(menu)) close(menu);
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && root.querySelector(OPEN);
    if (menu) close(menu);
  });
}

function selectedIn(menu) {
  const selection = getSelection();
  return !selection.isCollapsed && menu.contains(selection.anchorNode);
}

// The focus must not be left on what is no longer seen.
function close(menu) {
  const had = menu.contains(document.activeElement) || document.activeElement === document.body;
  menu.open = false;
  if (had) menu.querySelector("summary").focus();
}
