// What is seen of a picture: its middle, and how much it is magnified beyond where all of it fits in.

export class Viewport {
  // `margin`: pixels around the picture. `smallest`, `largest`: pixels for one unit of it where it is
  // seen whole. `farthest`, `closest`: how much it may be magnified. `digits`: of a place in an address.
  constructor([left, top, wide, high], { margin, smallest, largest = Infinity, farthest = 1, closest, digits }) {
    Object.assign(this, { left, top, wide, high, margin, smallest, largest, farthest, closest, digits });
    this.width = this.height = 1; // Of the window, in pixels.
    this.home();
  }

  home() {
    [this.x, this.y] = this.#middle;
    this.zoom = 1;
  }

  get #middle() {
    return [this.left + this.wide / 2, this.top + this.high / 2];
  }

  // Pixels for one unit of the picture.
  get scale() {
    const across = (this.width - 2 * this.margin) / this.wide;
    const down = (this.height - 2 * this.margin) / this.high;
    return between(this.smallest, Math.min(across, down), this.largest) * this.zoom;
  }

  // What is seen: left, top, right and bottom.
  get box() {
    return [...this.toPicture(0, 0), ...this.toPicture(this.width, this.height)];
  }

  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2];
  }

  toPicture(px, py) {
    return [(px - this.width / 2) / this.scale + this.x, (py - this.height / 2) / this.scale + this.y];
  }

  pan(dx, dy) {
    // The middle of the window stays on the picture.
    this.x = between(this.left, this.x - dx / this.scale, this.left + this.wide);
    this.y = between(this.top, this.y - dy / this.scale, this.top + this.high);
    // What cannot be seen from farther away is then seen whole.
    if (this.farthest === 1 && this.zoom < 1.001) this.home();
  }

  // What is at the pixel stays there.
  magnify(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toPicture(px, py);
    this.zoom = between(this.farthest, this.zoom * factor, this.closest);
    const [u, v] = this.toPicture(px, py);
    this.pan((u - x) * this.scale, (v - y) * this.scale);
  }

  // Moves only as far as it must for the point to be seen.
  show(x, y, room = 40) {
    const [px, py] = this.toScreen(x, y);
    this.pan(between(room, px, this.width - room) - px, between(room, py, this.height - room) - py);
  }

  // What an address says; what makes no sense in it is passed over.
  read(params) {
    const number = (name, fallback) => {
      const value = parseFloat(params.get(name));
      return Number.isFinite(value) ? value : fallback;
    };
    this.zoom = between(this.farthest, number("zoom", this.zoom), this.closest);
    this.x = number("x", this.x);
    this.y = number("y", this.y);
    this.pan(0, 0);
  }

  // What the address is to say; nothing where all is seen. The viewport goes to just that place, so
  // that who opens the address sees the same.
  tell() {
    const short = (value, digits) => String(Number(value.toFixed(digits)));
    const at = (x, y, zoom) => ({ x: short(x, this.digits), y: short(y, this.digits), zoom: short(zoom, 3) });
    const [told, whole] = [at(this.x, this.y, this.zoom), at(...this.#middle, 1)];
    if (["x", "y", "zoom"].every((name) => told[name] === whole[name])) return { x: null, y: null, zoom: null };
    this.read(new URLSearchParams(told));
    return told;
  }
}

function between(low, value, high) {
  return Math.min(Math.max(low, value), Math.max(low, high));
}
