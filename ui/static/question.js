// The question box: as tall as its text, so that a pasted abstract can be read; Enter asks.

export function mount(form) {
  const box = form.querySelector("textarea");
  const fit = () => {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`; // Its borders count as well.
  };
  box.addEventListener("input", fit);
  box.addEventListener("keydown", (event) => {
    // While a word is still being composed, Enter ends the word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  fit();
  if ("first" in form.dataset) box.focus({ preventScroll: true });
}
