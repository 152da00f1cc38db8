// Names of areas and topics on the map, and titles from near: as many as have room, the larger topics first.

import { within } from "./map_points.js";

const ROOM = 7; // Pixels between two names.
const SHARE = 0.01; // A topic of such a part of the papers has its name on a map of SHEET pixels; smaller ones as one zooms in.
const SHEET = 500_000;
const LONGEST = 46; // Characters of a title.

export function labels(context, camera, scene, look) {
  const { x, y } = scene.points;
  const taken = [...look.hits].filter(([, rank]) => rank <= 10).map(([row]) => [...camera.toScreen(x[row], y[row]), 12, 12]);
  taken.push([camera.width - 27, camera.height - 61, 20, 55]); // The buttons.
  const write = writer(context, camera, scene.ground, taken);
  context.save();
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  topics(context, camera, scene, look, write);
  titles(context, camera, scene, look, write);
  context.restore();
}

function topics(context, camera, { points, marks, colours, ink }, { lit, hidden, topic }, write) {
  const numbers = new Map(marks.map(({ id }, number) => [id, number]));
  const wide = (camera.zoom ** 2 * camera.width * camera.height) / SHEET;
  // The topic asked for is named before all others.
  const order = [...points.labels].sort((one, other) => (other.topic === topic) - (one.topic === topic));
  for (const label of order) {
    const number = numbers.get(label.topic.split("/")[0]), area = !label.topic.includes("/");
    const small = label.papers * wide < SHARE * points.count;
    if (number === undefined || hidden.has(marks[number].id) || (small && !area && label.topic !== topic)) continue;
    const size = area ? Math.min(19, 13 + camera.width / 160) : 12.5;
    context.font = `${area ? 750 : 600} ${size}px system-ui, sans-serif`;
    context.globalAlpha = lit && label.topic !== topic ? 0.75 : 1;
    context.fillStyle = area ? colours[number] : ink;
    const [px, py] = camera.toScreen(label.x, label.y);
    write(label.name, px, py, size, [0, 0.9, -0.9, 1.8, -1.8, 2.7, -2.7]);
  }
}

// Where few papers are seen, titles stand beside them, on either side, and over no other paper.
function titles(context, camera, scene, { named }, write) {
  const { points } = scene, gap = scene.radius(camera) + 6, size = 12;
  context.font = `400 ${size}px system-ui, sans-serif`;
  context.fillStyle = scene.quiet;
  context.globalAlpha = 1;
  for (const [row, title] of named) {
    const [px, py] = camera.toScreen(points.x[row], points.y[row]);
    const text = title.length > LONGEST ? `${title.slice(0, LONGEST - 1).trimEnd()}…` : title;
    const wide = context.measureText(text).width / 2;
    const side = [1, -1].find((sign) => {
      const middle = px + sign * (gap + wide);
      const corners = [...camera.toPicture(middle - wide, py - size), ...camera.toPicture(middle + wide, py + size)];
      return middle > wide && middle < camera.width - wide && within(points, corners, 1).number === 0;
    });
    if (side) write(text, px + side * (gap + wide), py, size, [0]);
  }
}

// Writes a text at the first of some heights, in lines from its place, where nothing is written yet.
function writer(context, camera, ground, taken) {
  return (text, px, py, size, lines) => {
    const wide = context.measureText(text).width / 2, high = size / 2;
    // The whole of it is to be seen: near the edge it moves inwards a little.
    const x = Math.min(Math.max(px, wide + ROOM), camera.width - wide - ROOM);
    if (Math.abs(x - px) > wide || py < -high || py > camera.height + high) return;
    const clear = (y) =>
      y > high + ROOM && y < camera.height - high - ROOM &&
      taken.every(([tx, ty, tw, th]) => Math.abs(tx - x) > tw + wide + ROOM || Math.abs(ty - y) > th + high + ROOM / 2);
    const y = lines.map((line) => py + line * (size + ROOM)).find(clear);
    if (y === undefined) return;
    taken.push([x, y, wide, high]);
    context.strokeStyle = ground;
    context.lineWidth = size / 3.5;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  };
}
