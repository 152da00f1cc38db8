// A map that is being drawn: looks again until it is there.

export function mount(element, { show }) {
  const timer = setTimeout(() => show({ focus: false, scroll: false }), 2000);
  return () => clearTimeout(timer);
}
