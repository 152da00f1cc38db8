// The drawing of a graph: where nodes and lines are on the screen, and which of them stand out.

// As `grown` of ui/drawing/graph_labels.py: marks shrink with the picture, and grow slowly.
const grown = (scale) => (scale < 1 ? Math.max(0.45, scale) : Math.min(1.7, scale ** 0.4));

// As `curve` of ui/drawing/graph_picture.py: a line with a corner in its middle, where its arrow is.
function curve([x, y], [u, v], bend) {
  const p = (x + u) / 2 + (v - y) * bend;
  const q = (y + v) / 2 - (u - x) * bend;
  const numbers = [x, y, (x + p) / 2, (y + q) / 2, (x + u + 2 * p) / 4, (y + v + 2 * q) / 4, (p + u) / 2, (q + v) / 2, u, v];
  const [a, b, c, d, e, f, g, h, i, j] = numbers.map((number) => number.toFixed(1));
  return `M${a} ${b}Q${c} ${d} ${e} ${f}Q${g} ${h} ${i} ${j}`;
}

// A name stays in the window as long as its mark is there.
function inside({ at: [x], half }, width) {
  return x < 0 || x > width ? x : Math.max(half + 3, Math.min(width - half - 3, x));
}

export class Drawing {
  constructor(svg, viewport) {
    this.svg = svg;
    this.viewport = viewport;
    const labels = svg.querySelectorAll(".labels text");
    this.nodes = [...svg.querySelectorAll(".node")].map((element, place) => {
      const [x, y] = element.dataset.at.split(" ").map(Number);
      return {
        element,
        x,
        y,
        id: element.dataset.id,
        number: Number(element.dataset.node),
        radius: Number(element.dataset.radius),
        level: Number(element.dataset.level.replace("inf", "Infinity")),
        mark: element.querySelector(".mark"),
        reach: element.querySelector(".reach"),
        label: labels[place],
        half: labels[place].textContent.length * 3.6, // Of its width, about.
        lines: [],
      };
    });
    this.lines = [...svg.querySelectorAll(".line")].map((element) => {
      const [source, target] = element.dataset.ends.split(" ").map((number) => this.nodes[number]);
      const line = { element, source, target, kind: element.parentNode.dataset.kind, bend: Number(element.dataset.bend || 0) };
      source.lines.push(line);
      target.lines.push(line);
      return line;
    });
    this.ticks = [...svg.querySelectorAll(".ticks > g")];
    this.lit = null; // The node whose neighbours stand out.
  }

  // Draws all at the next frame, once.
  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.now());
  }

  now() {
    const { viewport: view, svg } = this;
    const scale = view.scale, size = grown(scale);
    svg.setAttribute("viewBox", `0 0 ${view.width} ${view.height}`);
    for (const node of this.nodes) {
      node.at = view.toScreen(node.x, node.y);
      const radius = node.radius * size;
      node.element.setAttribute("transform", `translate(${node.at[0].toFixed(1)} ${node.at[1].toFixed(1)})`);
      if (this.size !== size) {
        node.mark.setAttribute("transform", `scale(${radius.toFixed(2)})`);
        node.reach.setAttribute("r", Math.max(12, radius + 3).toFixed(1));
      }
      const named = node.level <= scale * 1.05 || node === this.lit;
      node.label.setAttribute("x", inside(node, view.width).toFixed(1));
      node.label.setAttribute("y", (node.at[1] + radius + 12).toFixed(1));
      node.label.setAttribute("visibility", named ? "visible" : "hidden");
    }
    for (const { element, source, target, bend } of this.lines) element.setAttribute("d", curve(source.at, target.at, bend));
    this.#years(view);
    this.size = size;
  }

  // The lines of years, and their names where there is room.
  #years(view) {
    let end = -Infinity;
    for (const tick of this.ticks) {
      const x = view.toScreen(Number(tick.dataset.x), 0)[0];
      tick.setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
      tick.querySelector("text")?.setAttribute("visibility", x < end ? "hidden" : "visible");
      if (x >= end) end = x + 38;
    }
  }

  // Lets a node and what is joined to it stand out; null lets all be alike.
  light(node) {
    if (node === this.lit) return;
    this.lit = node;
    this.svg.classList.toggle("pointing", node !== null);
    const near = new Set(node ? [node, ...node.lines.flatMap(({ source, target }) => [source, target])] : []);
    for (const one of this.nodes) for (const part of [one.element, one.label]) part.classList.toggle("lit", near.has(one));
    for (const { element, source, target } of this.lines) {
      const joins = source === node || target === node;
      element.classList.toggle("lit", joins);
      if (joins) element.parentNode.append(element); // Above the others.
    }
    this.draw();
  }

  // The nearest node in the direction of an arrow key: what is straight ahead counts as nearer.
  beside(node, [dx, dy]) {
    let best = null, least = Infinity;
    for (const other of this.nodes) {
      const along = (other.x - node.x) * dx + (other.y - node.y) * dy;
      const aside = Math.abs((other.x - node.x) * dy) + Math.abs((other.y - node.y) * dx);
      const far = along + 2.5 * aside;
      if (other !== node && along > 0 && far < least) (best = other), (least = far);
    }
    return best;
  }
}
