// The status: looks again while a refresh runs, and keeps the keyboard's place in the review queue.

const AGAIN = 3000; // Milliseconds between two looks.

export function mount(element, { act, say, answered, show }) {
  let timer;

  // What is shown of the refresh is replaced, and nothing else: someone may be reading or deciding.
  async function look() {
    if (!document.hidden) {
      const page = await answered(location.search);
      if (!element.isConnected) return;
      const fresh = document.createElement("template");
      fresh.innerHTML = page.html;
      const now = fresh.content.querySelector(".now");
      // No such part: the server is busy or stopped, and is asked again.
      if (now && !now.hasAttribute("data-running")) {
        await show({ focus: false, scroll: false });
        say("The refresh has ended.");
        return;
      }
      if (now) element.querySelector(".now").replaceWith(now);
    }
    timer = setTimeout(look, AGAIN);
  }

  async function submitted(event) {
    const form = event.target.closest("form[data-action=review]");
    if (!form) return;
    event.preventDefault(); // The router would do the same and lose the place.
    const buttons = [...form.querySelectorAll("button")];
    const place = cards(element).indexOf(form.closest("[data-waiting]"));
    const fields = Object.fromEntries(new FormData(form, event.submitter));
    for (const button of buttons) button.disabled = true;
    const done = await act("review", fields);
    if (!done.done) {
      for (const button of buttons) button.disabled = false;
      event.submitter?.focus();
      return;
    }
    await show({ focus: false, scroll: false });
    const left = cards(document);
    const next = left[Math.min(place, left.length - 1)];
    (next?.querySelector("h3") ?? document.getElementById("status-review"))?.focus();
  }

  element.addEventListener("submit", submitted);
  if (element.querySelector(".now[data-running]")) timer = setTimeout(look, AGAIN);
  return () => clearTimeout(timer);
}

function cards(within) {
  return [...within.querySelectorAll("[data-waiting]")];
}
