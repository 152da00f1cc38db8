// What this browser keeps: reading lists and when they were last looked at.

// Called once, when the page has started.
export function start(element, tools) {}

// Adds papers to the reading list in use.
export function add(ids) {}

// What the server needs for a view, beside its address.
export function forView(search) {
  return {};
}
