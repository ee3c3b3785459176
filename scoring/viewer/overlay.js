/* What the agent did, drawn over the picture on which it decided. */

/* `size` is the screen's; `scale` how many of its pixels one of the page's is. */
function drawAction(turn, was, size, scale) {
  const svg = $("overlay");
  svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  const action = turn.action;
  const inside = (p) => ({ x: Math.min(Math.max(p.x + 0.5, 0), size.width), y: Math.min(Math.max(p.y + 0.5, 0), size.height) });
  const colour = turn.refused ? "#e21d48" : "#ff6a00";
  const at = action.at ? inside(action.at) : was && inside(was);
  let marks = [];
  if (action.kind === "drag") {
    const path = (action.path.length === 1 && was ? [was, ...action.path] : action.path).map(inside);
    marks = drawPath(path, colour, scale);
  } else if (action.kind === "scroll") {
    marks = drawScroll(at ?? { x: size.width / 2, y: size.height / 2 }, action, colour, scale);
  } else if (at && action.at) {
    marks = drawRing(at, colour, scale, action.kind === "click" ? action.count ?? 1 : 1);
  }
  svg.replaceChildren(...marks);
  place(plateTexts(turn), action.at || action.kind === "scroll" ? at : null, size);
}

function drawRing({ x, y }, colour, scale, count) {
  const marks = [];
  for (let ring = 0; ring < count; ring += 1) {
    const r = (13 + 6 * ring) * scale;
    marks.push(draw("circle", { cx: x, cy: y, r, fill: "none", stroke: "#fff", "stroke-width": 5 * scale }));
    marks.push(draw("circle", { cx: x, cy: y, r, fill: "none", stroke: colour, "stroke-width": 3 * scale }));
  }
  marks.push(draw("circle", { cx: x, cy: y, r: 2.5 * scale, fill: colour, class: "spot" }));
  return marks;
}

function drawPath(path, colour, scale) {
  const points = path.map((p) => `${p.x},${p.y}`).join(" ");
  const line = (stroke, width) => draw("polyline", {
    points, fill: "none", stroke, "stroke-width": width * scale, "stroke-linejoin": "round", "stroke-linecap": "round",
  });
  const [from, to] = [path[Math.max(0, path.length - 2)], path[path.length - 1]];
  const start = path[0];
  return [
    line("#fff", 7), line(colour, 4),
    draw("circle", { cx: start.x, cy: start.y, r: 7 * scale, fill: "#fff", stroke: colour, "stroke-width": 3 * scale }),
    arrowHead(from, to, colour, 15 * scale),
  ];
}

function drawScroll(at, action, colour, scale) {
  const marks = drawRing(at, colour, scale * 0.7, 1);
  for (const [dx, dy] of [[0, Math.sign(action.dy ?? 0)], [Math.sign(action.dx ?? 0), 0]]) {
    if (!dx && !dy) continue;
    const from = { x: at.x + dx * 14 * scale, y: at.y + dy * 14 * scale };
    const to = { x: at.x + dx * 52 * scale, y: at.y + dy * 52 * scale };
    for (const [stroke, width] of [["#fff", 9], [colour, 5]])
      marks.push(draw("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, stroke, "stroke-width": width * scale }));
    marks.push(arrowHead(from, to, colour, 20 * scale));
  }
  return marks;
}

function arrowHead(from, to, colour, size) {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const corner = (turn) => `${to.x + Math.cos(angle + turn) * size},${to.y + Math.sin(angle + turn) * size}`;
  return draw("polygon", {
    points: `${corner(0)} ${corner(2.3)} ${corner(-2.3)}`, fill: colour, stroke: "#fff", "stroke-width": size / 10,
  });
}

/* Keys, typed text and the like stand on plates: what cannot be seen from a mark alone. */
function plateTexts(turn) {
  const action = turn.action;
  const held = action.holding ?? [];
  switch (action.kind) {
    case "type": return [action.text];
    case "press": return action.keys;
    case "click": return [...held, ...(action.button && action.button !== "left" ? [`${action.button} click`] : [])];
    case "drag": return [...held, ...(action.button && action.button !== "left" ? [`${action.button} button`] : [])];
    case "scroll": return [...held, turn.words.replace(/^.*scroll /, "").replace(/ at .*$/, "")];
    case "move": return [];
    case "unread": return [];
    default: return [turn.words.replace(/ at -?\d.*$/, "")];
  }
}

/* Put the plates under `at`, above it near the bottom, in the lower middle without one; always inside. */
function place(words, at, size) {
  const plates = $("plates");
  plates.replaceChildren(...words.map((word) => make("span", {}, word)));
  const stage = $("stage").getBoundingClientRect();
  const box = plates.getBoundingClientRect();
  const x = at ? (at.x / size.width) * stage.width : stage.width / 2;
  const y = at ? (at.y / size.height) * stage.height : stage.height - 30;
  const left = Math.min(Math.max(4, x - box.width / 2), Math.max(4, stage.width - box.width - 4));
  const under = y + (at ? 26 : -box.height / 2);
  const top = under + box.height > stage.height - 4 ? Math.max(4, y - 26 - box.height) : under;
  plates.style.left = `${left}px`;
  plates.style.top = `${top}px`;
}
