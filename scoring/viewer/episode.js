/* One episode: pictures, film and steps on one clock, and what the checks found. */

const view = { episode: null, step: 0, mode: "frame", raw: false, seeking: false };

function openEpisode(episode, step) {
  if (view.episode !== episode) {
    view.episode = episode;
    showEpisode();
  }
  select(Math.max(0, Math.min(step, episode.turns.length - 1)));
}

function showEpisode() {
  const e = view.episode;
  document.title = `${e.task}: ${WORDS[kind(e)]}`;
  $("verdict").className = `badge ${kind(e)}`;
  $("verdict").textContent = WORDS[kind(e)];
  $("episode-title").textContent = e.agent === data.run.agent ? e.task : `${e.task} ${e.agent}`;
  const price = e.usd === null ? "" : `, $${e.usd.toFixed(2)}`;
  const lasted = e.seconds === null ? "" : `, ${span(e.seconds)}`;
  $("facts").textContent = `seed ${e.seed}, ${e.steps} steps${lasted}${price}`;
  $("goal").textContent = e.goal;
  const film = $("film");
  film.pause();
  film.removeAttribute("src");
  film.load();
  showChecks(e);
  $("steps").replaceChildren(...e.turns.map(stepRow));
  $("strip").replaceChildren(...e.turns.map(stripPicture));
  showParts(e);
  showAbout(e);
  neighbours(e);
}

function neighbours(e) {
  if (!rows.includes(e)) rows = matching();
  const place = rows.indexOf(e);
  for (const [id, other] of [["previous", rows[place - 1]], ["next", rows[place + 1]]]) {
    if (other) $(id).setAttribute("href", address(other));
    else $(id).removeAttribute("href");
  }
  $("back").setAttribute("href", filterAddress());
  if (place >= 0) chosen = place;
}

function check(verdict, tag) {
  const state = verdict.score >= 1 ? "met" : "unmet";
  const part = verdict.score > 0 && verdict.score < 1 ? `${Math.round(verdict.score * 100)} %` : "";
  return make("div", { class: `check ${state}` },
    make("b", {}, verdict.check), make("span", { class: "tag" }, [tag, part].filter(Boolean).join(", ")),
    make("dl", {}, make("dt", {}, "expected"), make("dd", {}, verdict.expected), make("dt", {}, "found"), make("dd", {}, verdict.actual)));
}

function showChecks(e) {
  const unmetFirst = [...e.verdicts].sort((a, b) => (a.score >= 1) - (b.score >= 1));
  const said = new Set(e.verdicts.map((v) => v.check));
  const axes = new Set(e.verdicts.map((v) => v.axis));
  const parts = [make("h2", {}, "Checks")];
  if (e.reason) parts.push(make("p", { class: "check open" }, e.reason));
  parts.push(...unmetFirst.map((v) => check(v, axes.size > 1 ? v.axis : "")));
  if (e.verdicts.length) parts.push(...e.checks.filter((name) => !said.has(name)).map((name) =>
    make("div", { class: "check open" }, make("b", {}, name), make("span", { class: "tag" }, "no verdict"))));
  for (const call of e.last_calls) parts.push(callLine(call));
  if (!e.verdicts.length && !e.reason) parts.push(make("p", { class: "check open" }, "Nothing was judged."));
  if (e.milestones.length) {
    const firsts = new Map();
    for (const m of e.milestones) {
      const before = firsts.get(m.verdict.check);
      if (!before || (before.verdict.score < 1 && m.verdict.score >= before.verdict.score)) firsts.set(m.verdict.check, m);
    }
    parts.push(make("div", { class: "milestones" }, make("h2", {}, "On the way"), [...firsts.values()].map((m) =>
      make("div", { class: `check ${m.verdict.score >= 1 ? "met" : "unmet"}` }, m.verdict.check,
        m.verdict.score >= 1 ? make("button", { class: "link tag", type: "button", onclick: () => goStep(indexOf(m.step)) }, `step ${m.step}`) : ""))));
  }
  $("checks").replaceChildren(...parts);
}

const indexOf = (number) => Math.max(0, view.episode.turns.findIndex((t) => t.number === number));
const SPLIT = ["model", "act", "settle", "look", "harness"];
const LONG = { model: "model", act: "act", settle: "settle", look: "look", harness: "harness" };

/* When it was done; nothing where the record does not say. */
const when = (turn) => (view.episode.seconds === null ? "" : clock(turn.acted));

function stepRow(turn, index) {
  const whole = SPLIT.reduce((sum, part) => sum + turn.split[part], 0);
  const bar = make("span", { class: "split", "aria-hidden": true }, SPLIT.map((part) => {
    const piece = make("i", { class: part });
    piece.style.flexGrow = turn.split[part] * 1000;
    return piece;
  }));
  const most = Math.max(0.001, ...view.episode.turns.map((t) => SPLIT.reduce((sum, part) => sum + t.split[part], 0)));
  bar.style.width = `${Math.max(2, (100 * whole) / most)}%`;
  return make("li", { "data-index": index },
    make("button", { type: "button", onclick: () => goStep(index) },
      make("span", { class: "n" }, String(turn.number)),
      make("span", { class: "intent" }, turn.intent || turn.words),
      make("span", { class: "time" }, when(turn)),
      turn.intent && turn.intent !== turn.words ? make("span", { class: "action" }, turn.words) : "",
      turn.reached.map((check) => make("span", { class: "reached" }, check)),
      turn.refused ? make("span", { class: "refused" }, `refused: ${turn.refused}`) : "",
      whole > 0 ? bar : ""));
}

function detail(turn) {
  const parts = [];
  if (turn.thought) parts.push(make("div", { class: "thought" }, turn.thought));
  if (!turn.settled && turn.after) parts.push(make("div", {}, "The screen was still changing when the picture was taken."));
  if (turn.action.kind !== "finish" && !turn.after) parts.push(view.episode.source
    ? make("div", {}, `There is no picture after this in ${view.episode.source}.`)
    : make("div", { class: "refused" }, "No picture came back."));
  if (turn.action.kind === "unread") parts.push(make("div", {}, "No action of ours could be read of this: it stands as it was recorded."));
  if (turn.after && turn.after === turn.before && !turn.refused) parts.push(make("div", {}, "No visible effect: the picture is the same."));
  const spent = SPLIT.filter((part) => turn.split[part] >= 0.0005);
  if (spent.length) parts.push(make("div", { class: "key" }, spent.map((part) =>
    make("span", {}, make("i", { class: part }), `${LONG[part]} ${span(turn.split[part])}`))));
  if (turn.leads && (turn.input_tokens || turn.output_tokens)) parts.push(make("div", { class: "key" },
    `${turn.input_tokens.toLocaleString("en")} tokens in, ${turn.output_tokens.toLocaleString("en")} out`
    + (turn.usd === null ? "" : `, $${turn.usd.toFixed(4)}`)));
  for (const call of turn.calls) parts.push(callLine(call));
  if (turn.raw) parts.push(make("details", {}, make("summary", {}, "The reply as it came"), make("pre", {}, turn.raw)));
  return parts.length ? make("div", { class: "detail" }, parts) : null;
}

/* One line a model call: who, how long, and whatever was not plain about it. The reply as it came is a click away. */
function callLine(call) {
  const facts = [span(call.seconds)];
  if (call.waited >= 0.1) facts.push(`waited ${span(call.waited)}`);
  if (call.tries > 1) facts.push(`${call.tries} tries`);
  if (call.input_tokens || call.output_tokens) facts.push(`${call.input_tokens.toLocaleString("en")} tokens in, ${call.output_tokens.toLocaleString("en")} out`);
  if (call.usd !== null) facts.push(`$${call.usd.toFixed(4)}`);
  if (call.dropped) facts.push(`${call.dropped} further actions left out`);
  const said = [...call.repaired.map((what) => `put right: ${what}`), ...call.notes];
  return make("div", { class: "call" },
    make("div", { class: "key" }, [call.part, call.model].filter(Boolean).join(" · ") + `: ${facts.join(", ")}`),
    call.problem ? make("div", { class: "refused" }, `not carried out: ${call.problem}`) : "",
    said.map((line) => make("div", {}, line)),
    call.raw ? make("details", {}, make("summary", {}, "The reply as it came"), make("pre", {}, call.raw)) : "");
}

function stripPicture(turn, index) {
  const frame = turn.after || turn.before;
  return make("button", { type: "button", title: turn.intent || turn.words, "aria-label": `step ${turn.number}`, onclick: () => goStep(index) },
    frame ? make("img", { src: `${data.thumbs}/${frame}.webp`, alt: "", loading: "lazy" }) : "", make("b", {}, String(turn.number)));
}

function showParts(e) {
  const parts = [];
  const add = (seconds, name) => {
    const part = make("i", { class: name });
    part.style.flex = `${Math.max(0.01, seconds)} 1 0`;
    parts.push(part);
  };
  add(e.turns.length ? e.turns[0].film[0] : e.film_opening, "edge");
  for (const t of e.turns) add(t.film[1] - t.film[0], t.refused ? "refused" : t.reached.length ? "met" : "step");
  add(e.film_seconds - (e.turns.length ? e.turns[e.turns.length - 1].film[1] : e.film_opening), "edge");
  $("parts").replaceChildren(...parts);
  $("timeline").setAttribute("aria-valuemax", e.film_seconds.toFixed(1));
}

/* Of another's record the budget may not be known. */
function budget(e) {
  return [e.budget_steps && `${e.budget_steps} steps`, e.budget_seconds && span(e.budget_seconds)].filter(Boolean).join(", ");
}

function showAbout(e) {
  const facts = [
    ["episode", e.name], ["agent", e.agent], ["apps", e.apps.join(", ")], ["started", e.utc], ["ended", e.how.replaceAll("_", " ")],
    ["claim", e.claim], ["answer", e.answer], ["budget", budget(e)],
    ["made from", e.source && `${e.source}, which say of times only when actions began`],
    ["desktop", [e.desktop.kind, e.size && `${e.size.width}x${e.size.height}`].filter(Boolean).join(", ")], ["image", e.desktop.image], ["code", e.desktop.code],
  ].filter(([, value]) => value);
  $("about").replaceChildren(make("h2", {}, "About"), make("dl", {}, facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])));
}

/* Go to a step because a person asked: the film follows. */
function goStep(index) {
  if (!view.episode.turns.length) return;
  const to = Math.max(0, Math.min(index, view.episode.turns.length - 1));
  history.replaceState(null, "", address(view.episode, view.episode.turns[to].number));
  select(to);
}

/* Show a step, and unless the film itself has led here put the film at it. */
function select(index, { byFilm = false } = {}) {
  view.step = index;
  const turn = view.episode.turns[index];
  for (const item of $("steps").children) {
    const now = Number(item.dataset.index) === index;
    item.querySelector(".detail")?.remove();
    if (!now) { item.removeAttribute("aria-current"); continue; }
    item.setAttribute("aria-current", "step");
    const more = detail(turn);
    if (more) item.append(more);
  }
  for (const [place_, picture] of [...$("strip").children].entries()) {
    if (place_ === index) picture.setAttribute("aria-current", "step"); else picture.removeAttribute("aria-current");
  }
  for (const [place_, part] of [...$("parts").children].entries()) part.classList.toggle("now", place_ === index + 1);
  follow($("strip"), $("strip").children[index]);
  if (innerWidth > 900 && $("steps").children[index]) $("steps").children[index].scrollIntoView({ block: "nearest" });
  if (!byFilm) seek(turn ? turn.film[0] : 0);
  showStage();
}

/* Bring a picture to the middle of the strip without moving the page. */
function follow(strip, item) {
  if (!item) return;
  strip.scrollLeft = item.offsetLeft - strip.offsetLeft - (strip.clientWidth - item.offsetWidth) / 2;
}

/* The stage has the shape of what is on it: the screen's, or the film's, which has captions below. */
function shape(e) {
  const [width, height] = view.mode === "film" ? e.film_size : e.size ? [e.size.width, e.size.height] : [16, 9];
  $("seeing").style.setProperty("--shape", `${width} / ${height}`);
  $("seeing").style.setProperty("--ratio", width / height);
}

function showStage() {
  const e = view.episode;
  shape(e);
  const turn = e.turns[view.step];
  const mode = view.mode;
  for (const button of document.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", button.dataset.mode === mode);
  const before = turn ? turn.before : e.first;
  const source = (frame) => `${data.frames}/${frame}.png`;
  setPicture($("frame"), mode === "film" ? null : before && source(before));
  setPicture($("after"), mode === "compare" && turn && turn.after ? source(turn.after) : null);
  $("seam").hidden = $("swipe").hidden = mode !== "compare" || !(turn && turn.after);
  $("missing").hidden = mode === "film" || Boolean(before);
  $("missing").textContent = e.source ? `There is no picture of this in ${e.source}.` : "No picture was taken.";
  const marked = mode === "frame" && !view.raw && turn && e.size && (before || e.source);
  $("overlay").style.display = $("plates").style.visibility = "";
  $("overlay").style.display = marked ? "" : "none";
  $("plates").style.visibility = marked ? "visible" : "hidden";
  if (marked) {
    const shown = Math.max(1, $("stage").clientWidth);
    drawAction(turn, turn.pointer, e.size, (e.size.width / shown) * Math.min(1, Math.max(0.6, shown / 800)));
  }
  $("at").textContent = turn ? [`step ${turn.number} of ${e.turns.length}`, when(turn)].filter(Boolean).join(", ") : "";
  $("raw").checked = view.raw;
  showFilm(mode === "film");
}

function setPicture(element, source) {
  element.hidden = !source;
  if (source && element.getAttribute("src") !== source) element.setAttribute("src", source);
}

function showFilm(on) {
  const film = $("film");
  film.hidden = !on;
  if (!on) { film.pause(); return; }
  if (!film.hasAttribute("src")) {
    const begin = filmTime;
    film.setAttribute("src", view.episode.film);
    film.addEventListener("loadedmetadata", () => { film.currentTime = begin; }, { once: true });
    film.preload = "auto";
    film.playbackRate = film.defaultPlaybackRate = Number($("speed").value);
  }
}

let filmTime = 0;

/* Put the one clock to a time; the film, when it is loaded, follows. */
function seek(seconds) {
  filmTime = seconds;
  moveHead();
  const film = $("film");
  if (film.readyState > 0) film.currentTime = seconds + 0.001;
}

function moveHead() {
  $("head").style.left = `${(100 * filmTime) / Math.max(0.1, view.episode.film_seconds)}%`;
  $("timeline").setAttribute("aria-valuenow", filmTime.toFixed(1));
}

/* The step that the film shows at a time: the last that has begun. */
function stepAt(seconds) {
  let found = 0;
  for (const [index, turn] of view.episode.turns.entries()) if (turn.film[0] <= seconds + 0.005) found = index;
  return found;
}

function filmMoved() {
  if (view.mode !== "film" || $("film").readyState === 0) return;
  filmTime = $("film").currentTime;
  moveHead();
  const index = stepAt(filmTime);
  if (index !== view.step && view.episode.turns.length) {
    history.replaceState(null, "", address(view.episode, view.episode.turns[index].number));
    select(index, { byFilm: true });
  }
}

function setMode(mode) {
  view.mode = mode;
  showStage();
}

function play() {
  const film = $("film");
  if (view.mode !== "film") setMode("film");
  if (film.paused) film.play().catch(() => {});
  else film.pause();
}

function scrub(event) {
  const box = $("timeline").getBoundingClientRect();
  const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  const seconds = part * view.episode.film_seconds;
  const index = stepAt(seconds);
  if (view.episode.turns.length) {
    history.replaceState(null, "", address(view.episode, view.episode.turns[index].number));
    select(index, { byFilm: true });
  }
  seek(seconds);
}
