// What is seen of a picture: its middle, and how much it is magnified beyond where all of it fits in.

const MARGIN = 34; // Pixels around the picture.
const LARGEST = 1.6; // Pixels for one unit of a small picture that is seen whole.
const FARTHEST = 0.5;
const CLOSEST = 12;

export class Viewport {
  constructor([left, top, wide, high]) {
    Object.assign(this, { left, top, wide, high, width: 1, height: 1 });
    this.home();
  }

  home() {
    this.x = this.left + this.wide / 2;
    this.y = this.top + this.high / 2;
    this.zoom = 1;
  }

  // Pixels for one unit of the picture.
  get scale() {
    const across = (this.width - 2 * MARGIN) / Math.max(this.wide, 1);
    const down = (this.height - 2 * MARGIN) / Math.max(this.high, 1);
    return Math.max(0.05, Math.min(across, down, LARGEST)) * this.zoom;
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
  }

  // What is at the pixel stays there.
  magnify(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toPicture(px, py);
    this.zoom = between(FARTHEST, this.zoom * factor, CLOSEST);
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
    this.zoom = between(FARTHEST, number("zoom", this.zoom), CLOSEST);
    this.x = number("x", this.x);
    this.y = number("y", this.y);
    this.pan(0, 0);
  }

  // What the address is to say; nothing where all is seen.
  get told() {
    const whole = new Viewport([this.left, this.top, this.wide, this.high]);
    const same = Math.abs(this.zoom - 1) < 0.005 && Math.hypot(this.x - whole.x, this.y - whole.y) < 0.5;
    if (same) return { x: null, y: null, zoom: null };
    return { x: this.x.toFixed(1), y: this.y.toFixed(1), zoom: this.zoom.toFixed(2) };
  }
}

function between(low, value, high) {
  return Math.min(Math.max(low, value), Math.max(low, high));
}
