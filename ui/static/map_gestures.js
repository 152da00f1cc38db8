// Moving and magnifying the map: mouse, wheel, fingers and keys.

import { middle, STILL, turned } from "./pointers.js";

const STEP = 1.5; // Of one press of + or of a button.

const KEYS = {
  "+": (camera) => camera.magnify(STEP),
  "=": (camera) => camera.magnify(STEP),
  "-": (camera) => camera.magnify(1 / STEP),
  0: (camera) => camera.home(),
  Home: (camera) => camera.home(),
  ArrowLeft: (camera) => camera.pan(camera.width / 6, 0),
  ArrowRight: (camera) => camera.pan(-camera.width / 6, 0),
  ArrowUp: (camera) => camera.pan(0, camera.height / 6),
  ArrowDown: (camera) => camera.pan(0, -camera.height / 6),
};

export const BUTTONS = { in: KEYS["+"], out: KEYS["-"], all: KEYS[0] };

// Calls `moved()` when the camera has moved, `pointed(x, y)` for a mouse that rests, `left()` when it
// goes, and `pressed(x, y, byFinger)` for a click.
export function gestures(canvas, camera, { moved, pointed, left, pressed }) {
  const fingers = new Map(); // Pointers that are down, by id: where they are.
  let travelled = 0, several = false;

  const at = (event) => [event.offsetX, event.offsetY];

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    if (!fingers.size) (travelled = 0), (several = false);
    fingers.set(event.pointerId, at(event));
    several ||= fingers.size > 1;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) {
      if (event.pointerType === "mouse") pointed(...at(event));
      return;
    }
    const before = middle(fingers);
    fingers.set(event.pointerId, at(event));
    const now = middle(fingers);
    travelled += Math.hypot(now.x - before.x, now.y - before.y);
    if (travelled < STILL && !several) return;
    camera.pan(now.x - before.x, now.y - before.y);
    if (before.apart && now.apart) camera.magnify(now.apart / before.apart, now.x, now.y);
    moved();
  });
  const up = (event) => {
    const click = fingers.size === 1 && !several && travelled < STILL && event.type === "pointerup";
    if (fingers.delete(event.pointerId) && click) pressed(...at(event), event.pointerType !== "mouse");
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  // A finger leaves whenever it is lifted.
  canvas.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && left());
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    camera.magnify(turned(event), ...at(event));
    moved();
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key](camera);
    moved();
  });
}
