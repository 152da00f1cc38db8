// Texts that the browser keeps from one visit to the next. Some browsers refuse: they are asked to
// keep nothing, or have no room left. What is refused for good lasts until the page is closed.

const memory = new Map();

// Whether the browser keeps anything at all for this page.
export function lasts() {
  try {
    return Boolean(localStorage);
  } catch {
    return false;
  }
}

export function recall(name) {
  return lasts() ? localStorage.getItem(name) : (memory.get(name) ?? null);
}

// Returns false where there is no room.
export function store(name, text) {
  if (!lasts()) {
    memory.set(name, text);
    return true;
  }
  try {
    localStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

export function forget(name) {
  if (lasts()) localStorage.removeItem(name);
  else memory.delete(name);
}
