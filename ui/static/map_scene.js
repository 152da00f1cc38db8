// Draws the map: a glow where papers crowd, the papers, names of topics, answers, and what is pointed at.

import { glow } from "./map_glow.js";
import { labels } from "./map_labels.js";

const BEYOND = 48; // Pixels of the screen.
const DIM = 0.16; // How much is left of papers beside those that are lit up.

export class Scene {
  #layer = document.createElement("canvas"); // The papers alone; pointing at one does not draw all anew.
  #glow = null;
  #masks = new Map();
  #drawn = "";
  #version = 0;

  // `marks` are the areas in the legend's order: their ids, paths and elements.
  constructor(canvas, points, marks) {
    Object.assign(this, { canvas, points, marks });
    this.recolour();
    this.resize();
  }

  // Reads the colours again: light has become dark.
  recolour() {
    const style = getComputedStyle(this.canvas);
    const read = (name, from = style) => from.getPropertyValue(name).trim();
    this.ground = read("--ground");
    this.ink = read("--ink");
    this.quiet = read("--quiet");
    this.colours = this.marks.map(({ element }) => read("--area", getComputedStyle(element)) || read("--no-area"));
    this.changed();
  }

  // Other papers are shown or lit up than before.
  changed() {
    this.#masks.clear();
    this.#glow = null;
    this.#version++;
  }

  resize() {
    const { canvas } = this;
    this.ratio = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * this.ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * this.ratio));
    // A paper at the edge is seen in part: the layer goes on a little beyond.
    this.#layer.width = canvas.width + 2 * BEYOND;
    this.#layer.height = canvas.height + 2 * BEYOND;
    this.#version++;
  }

  // Pixels from the middle of a paper to its edge: few papers are large ones, and come closer as one zooms.
  radius(camera) {
    const room = Math.sqrt((camera.width * camera.height) / Math.max(this.points.count, 1));
    return Math.min(8, Math.max(1, Math.min(3.2, 0.19 * room)) * camera.zoom ** 0.4);
  }

  // `look` is what map.js keeps of what is lit up, marked and pointed at.
  draw(camera, look) {
    const context = this.canvas.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, camera.width, camera.height);
    this.#glow ??= glow(this.points, this.colours, camera);
    const [left, top] = camera.toScreen(this.#glow.left, this.#glow.top);
    const size = this.#glow.size * camera.scale;
    // From near it is only in the way.
    context.globalAlpha = (look.lit ? 0.35 : 1) * Math.min(1, 3 / camera.zoom) ** 0.7;
    context.drawImage(this.#glow.image, left, top, size, size);
    context.globalAlpha = 1;
    const state = [camera.x, camera.y, camera.zoom, this.#version].join();
    if (state !== this.#drawn) this.#stamp(camera, look.lit);
    this.#drawn = state;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.#layer, -BEYOND, -BEYOND);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    labels(context, camera, this, look);
    const hits = [...look.hits].filter(([row]) => row !== look.hover).reverse();
    for (const [row, rank] of hits) this.#hit(context, camera, row, rank);
    for (const row of [look.marked, look.hover]) if (row >= 0) this.#ring(context, camera, row, look.hits.get(row));
  }

  // Writes every paper's mark into one image: far quicker than as many paths.
  #stamp(camera, lit) {
    const { x, y, area, shown, count } = this.points;
    const { width, height } = this.#layer;
    const context = this.#layer.getContext("2d");
    const image = context.createImageData(width, height);
    const radius = this.radius(camera) * this.ratio, scale = camera.scale * this.ratio;
    const ox = width / 2 - camera.x * scale, oy = height / 2 - camera.y * scale;
    for (const bright of lit ? [0, 1] : [1]) {
      const masks = this.colours.map((_, number) => this.#mask(number, radius, bright, width));
      const edge = masks[0].half;
      for (let row = 0; row < count; row++) {
        if (!shown[row] || (lit && lit[row] !== bright)) continue;
        const px = Math.round(ox + x[row] * scale), py = Math.round(oy + y[row] * scale);
        if (px >= edge && py >= edge && px < width - edge && py < height - edge) blend(image, masks[area[row]], py * width + px);
      }
    }
    context.putImageData(image, 0, 0);
  }

  // The pixels of an area's mark with a thin edge, so that one is told from the next: their places in
  // an image of a width, from the middle of the mark on, and their colours.
  #mask(number, radius, bright, width) {
    const key = `${number} ${radius} ${bright} ${width}`;
    if (!this.#masks.has(key)) {
      const half = Math.ceil(1.35 * radius), side = 2 * half + 1;
      const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.globalAlpha = bright ? 1 : DIM;
      context.translate(side / 2, side / 2);
      context.scale(radius, radius);
      context.fillStyle = this.colours[number];
      context.fill(this.marks[number].path);
      if (bright && radius > 1.6) {
        context.strokeStyle = this.ground;
        context.lineWidth = (0.7 * this.ratio) / radius;
        context.stroke(this.marks[number].path);
      }
      const { data } = context.getImageData(0, 0, side, side), places = [], colours = [];
      for (let at = 0; at < side * side; at++) {
        if (!data[4 * at + 3]) continue;
        places.push((Math.floor(at / side) - half) * width + (at % side) - half);
        colours.push(...data.subarray(4 * at, 4 * at + 4));
      }
      this.#masks.set(key, { half, places: Int32Array.from(places), colours: Uint8Array.from(colours) });
    }
    return this.#masks.get(key);
  }

  // An answer: the better, the larger; the ten best with their rank, as in the list beside.
  #hit(context, camera, row, rank) {
    const { points, colours, marks } = this, area = points.area[row];
    const [px, py] = camera.toScreen(points.x[row], points.y[row]);
    const numbered = rank <= 10, radius = this.#hitRadius(camera, rank);
    context.save();
    context.translate(px, py);
    context.fillStyle = colours[area];
    context.strokeStyle = this.ground;
    context.lineWidth = 1.5 / radius;
    context.scale(radius, radius);
    const path = numbered ? CIRCLE : marks[area].path;
    context.fill(path);
    context.stroke(path);
    context.restore();
    if (!numbered) return;
    context.fillStyle = this.ground;
    context.font = `700 ${rank > 9 ? 11 : 12}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(rank, px, py + 0.5);
  }

  #hitRadius(camera, rank) {
    return rank <= 10 ? 11.5 - 0.25 * rank : Math.max(6.5 - 0.05 * rank, 1.3 * this.radius(camera));
  }

  #ring(context, camera, row, rank) {
    const { points } = this;
    const [px, py] = camera.toScreen(points.x[row], points.y[row]);
    const inner = rank ? this.#hitRadius(camera, rank) : Math.max(5, this.radius(camera) * 1.5);
    if (rank) this.#hit(context, camera, row, rank);
    else {
      context.save();
      context.translate(px, py);
      context.scale(inner, inner);
      context.fillStyle = this.colours[points.area[row]];
      context.fill(this.marks[points.area[row]].path);
      context.restore();
    }
    context.strokeStyle = this.ink;
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(px, py, inner + 5, 0, 2 * Math.PI);
    context.stroke();
  }
}

const CIRCLE = new Path2D();
CIRCLE.arc(0, 0, 1, 0, 2 * Math.PI);

// Lays a mark over the image, its middle at a pixel.
function blend({ data }, { places, colours }, middle) {
  for (let at = 0; at < places.length; at++) {
    const target = 4 * (middle + places[at]), source = 4 * at;
    const alpha = colours[source + 3], below = data[target + 3];
    const part = below ? alpha / 255 : 1;
    for (let colour = 0; colour < 3; colour++) data[target + colour] += (colours[source + colour] - data[target + colour]) * part;
    data[target + 3] = below + (alpha * (255 - below)) / 255;
  }
}
