// Moving and magnifying a graph, and moving its nodes: mouse, wheel and fingers.

import { middle, STILL, turned } from "./pointers.js";

// Calls `moved()` when the viewport has moved and `placed(node)` when a node has been put elsewhere.
export function gestures(svg, drawing, { wheel, moved, placed }) {
  const { viewport } = drawing;
  const fingers = new Map(); // Pointers that are down, by id: where they are.
  let held = null, travelled = 0, dragged = false;

  const at = (event) => {
    const box = svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  svg.addEventListener("pointerdown", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!fingers.size) {
      const link = event.target.closest(".node");
      held = link ? drawing.nodes[link.dataset.node] : null;
      travelled = 0;
      dragged = false;
    } else {
      held = null; // Two fingers move the picture.
    }
    fingers.set(event.pointerId, at(event));
  });
  svg.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = middle(fingers);
    fingers.set(event.pointerId, at(event));
    const now = middle(fingers);
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    travelled += Math.hypot(dx, dy);
    if (!dragged) {
      if (travelled < STILL && fingers.size < 2) return;
      dragged = true;
      svg.classList.add("dragging");
    }
    // Only from here on: a click is to reach the link that was pressed.
    if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
    if (held) {
      held.x += dx / viewport.scale;
      held.y += dy / viewport.scale;
      drawing.draw();
      return;
    }
    viewport.pan(dx, dy);
    if (before.apart && now.apart) viewport.magnify(now.apart / before.apart, now.x, now.y);
    moved();
  });
  const up = (event) => {
    if (!fingers.delete(event.pointerId) || fingers.size) return;
    svg.classList.remove("dragging");
    if (held && dragged) placed(held);
    held = null;
  };
  svg.addEventListener("pointerup", up);
  svg.addEventListener("pointercancel", up);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  // What was dragged was not clicked.
  svg.addEventListener("click", (event) => {
    if (!dragged) return;
    dragged = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
  svg.addEventListener("wheel", (event) => {
    if (!wheel && !event.ctrlKey) return; // The page around it is to be scrolled.
    event.preventDefault();
    viewport.magnify(turned(event), ...at(event));
    moved();
  }, { passive: false });
}
