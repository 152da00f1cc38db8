// Copies text: a button with data-copies="pre" takes that of the island's <pre>.

export function mount(element, { say }) {
  const copied = (event) => {
    const button = event.target.closest("[data-copies]");
    if (button) copy(element.querySelector(button.dataset.copies)).then(say);
  };
  element.addEventListener("click", copied);
  return () => element.removeEventListener("click", copied);
}

// Answers what came of it, in words.
async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    // Browsers keep the clipboard from pages of other machines without https; a selection works there.
    getSelection().selectAllChildren(source);
    if (!document.execCommand("copy")) return "Selected. Copy it by Ctrl+C.";
  }
  return "Copied.";
}
