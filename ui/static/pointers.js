// What the gestures of the map and of a graph have in common.

export const STILL = 5; // Pixels that a press may move and still be a click.

const STEP = 1.5; // Of one turn of the wheel.

// Where one or two fingers (pointers by id) are together, and how far apart.
export function middle(fingers) {
  const [[x, y], [u, v] = [x, y]] = fingers.values();
  return { x: (x + u) / 2, y: (y + v) / 2, apart: Math.hypot(x - u, y - v) };
}

// How much a turn of the wheel magnifies.
export function turned(event) {
  // Lines, where a mouse counts in these; at most a step at a time.
  const pixels = event.deltaY * (event.deltaMode ? 30 : 1);
  return STEP ** (-Math.max(-150, Math.min(150, pixels)) / 100);
}
