// Which part of the map is seen: the middle of it, and how much it is magnified.

const MARGIN = 26; // Pixels around all papers.
const CLOSEST = 60;

export class Camera {
  constructor({ x, y, count }) {
    const ends = (values) => {
      let low = Infinity, high = -Infinity;
      for (let row = 0; row < count; row++) (low = Math.min(low, values[row])), (high = Math.max(high, values[row]));
      return [low, high];
    };
    [this.left, this.right] = ends(x);
    [this.top, this.bottom] = ends(y);
    this.width = this.height = 1;
    this.home();
  }

  home() {
    this.x = (this.left + this.right) / 2;
    this.y = (this.top + this.bottom) / 2;
    this.zoom = 1;
  }

  // Pixels for one unit of the map.
  get scale() {
    const across = (this.width - 2 * MARGIN) / Math.max(this.right - this.left, 0.1);
    const down = (this.height - 2 * MARGIN) / Math.max(this.bottom - this.top, 0.1);
    return Math.max(1, Math.min(across, down)) * this.zoom;
  }

  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2];
  }

  toMap(px, py) {
    return [(px - this.width / 2) / this.scale + this.x, (py - this.height / 2) / this.scale + this.y];
  }

  get box() {
    return [...this.toMap(0, 0), ...this.toMap(this.width, this.height)];
  }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.#stay();
  }

  // Magnifies; what is at the pixel stays there.
  magnify(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toMap(px, py);
    this.zoom = Math.min(CLOSEST, Math.max(1, this.zoom * factor));
    const [nx, ny] = this.toMap(px, py);
    this.x += x - nx;
    this.y += y - ny;
    this.#stay();
  }

  // What an address says; what makes no sense in it is passed over.
  read(params) {
    const number = (name, fallback) => {
      const value = parseFloat(params.get(name));
      return Number.isFinite(value) ? value : fallback;
    };
    this.zoom = Math.min(CLOSEST, Math.max(1, number("zoom", this.zoom)));
    this.x = number("x", this.x);
    this.y = number("y", this.y);
    this.#stay();
  }

  // What the address is to say; nothing where all is seen. The camera goes to just that place, so that
  // who opens the address sees the same.
  tell() {
    if (this.zoom < 1.001) return { x: null, y: null, zoom: null };
    const told = { x: this.x.toFixed(4), y: this.y.toFixed(4), zoom: this.zoom.toFixed(3) };
    this.read(new URLSearchParams(told));
    return told;
  }

  #stay() {
    this.x = Math.min(this.right, Math.max(this.left, this.x));
    this.y = Math.min(this.bottom, Math.max(this.top, this.y));
    if (this.zoom < 1.001) this.home();
  }
}
