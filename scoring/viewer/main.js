/* Where the address leads, and what the keys do. */

function route() {
  const hash = location.hash.slice(1);
  if (hash === "" || hash.startsWith("?")) {
    readFilters(hash.slice(1));
    $("film").pause();
    $("episode").hidden = true;
    $("run").hidden = false;
    document.title = `${data.run.suite} by ${data.run.agent}`;
    showTable();
    return;
  }
  const [name, step] = hash.split("/");
  const episode = data.episodes.find((each) => each.name === decodeURIComponent(name));
  if (!episode) { location.replace("#"); return; }
  const wasHidden = $("episode").hidden;
  $("run").hidden = true;
  $("episode").hidden = false;
  if (wasHidden) scrollTo(0, 0);
  openEpisode(episode, step ? episode.turns.findIndex((t) => t.number === Number(step)) : 0);
}

function goEpisode(by) {
  const link = $(by > 0 ? "next" : "previous").getAttribute("href");
  if (link) location.hash = link;
}

const KEYS_IN_EPISODE = {
  j: () => goEpisode(1), k: () => goEpisode(-1),
  ArrowRight: () => goStep(view.step + 1), "]": () => goStep(view.step + 1),
  ArrowLeft: () => goStep(view.step - 1), "[": () => goStep(view.step - 1),
  Home: () => goStep(0), End: () => goStep(Infinity),
  " ": play,
  r: () => { view.raw = !view.raw; showStage(); },
  v: () => setMode(view.mode === "film" ? "frame" : "film"),
  b: () => setMode(view.mode === "compare" ? "frame" : "compare"),
  u: () => { location.hash = filterAddress(); }, Escape: () => { location.hash = filterAddress(); },
};

const KEYS_IN_RUN = {
  j: () => choose(chosen + 1), ArrowDown: () => choose(chosen + 1),
  k: () => choose(chosen - 1), ArrowUp: () => choose(chosen - 1),
  Enter: () => { if (rows[chosen]) location.hash = address(rows[chosen]); },
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
  const target = event.target;
  if (target.matches("input[type=search]")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  if (target.matches("select, input[type=range], video")) return;
  if (target.matches("button, a, summary") && (event.key === "Enter" || event.key === " ")) return;
  if (event.key === "?") { event.preventDefault(); $("help").showModal(); return; }
  if (event.key === "/") {
    event.preventDefault();
    if ($("run").hidden) location.hash = filterAddress();
    requestAnimationFrame(() => $("search").focus());
    return;
  }
  const keys = $("run").hidden ? KEYS_IN_EPISODE : KEYS_IN_RUN;
  if (Object.hasOwn(keys, event.key)) { event.preventDefault(); keys[event.key](); }
}

function listen() {
  addEventListener("hashchange", route);
  addEventListener("keydown", pressed);
  for (const button of document.querySelectorAll(".help-button")) button.addEventListener("click", () => $("help").showModal());
  for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => setMode(button.dataset.mode));
  $("raw").addEventListener("change", () => { view.raw = $("raw").checked; $("raw").blur(); showStage(); });
  $("divide").addEventListener("input", () => $("stage").style.setProperty("--divide", `${$("divide").value}%`));
  $("play").addEventListener("click", play);
  $("film").addEventListener("click", play);
  $("speed").addEventListener("change", () => { $("film").playbackRate = $("film").defaultPlaybackRate = Number($("speed").value); });
  for (const name of ["play", "pause", "ended", "emptied"]) $("film").addEventListener(name, () => {
    $("play").textContent = $("film").paused || $("film").ended ? "Play" : "Pause";
  });
  for (const name of ["timeupdate", "seeking", "seeked"]) $("film").addEventListener(name, filmMoved);
  $("film").addEventListener("error", () => {
    if (!$("film").hasAttribute("src")) return;
    $("missing").textContent = "The film could not be loaded.";
    $("missing").hidden = false;
  });
  $("frame").addEventListener("error", () => {
    $("missing").textContent = "This picture is not in the run's folder.";
    $("missing").hidden = false;
  });
  $("timeline").addEventListener("pointerdown", (event) => { $("timeline").setPointerCapture(event.pointerId); scrub(event); });
  $("timeline").addEventListener("pointermove", (event) => { if (event.buttons) scrub(event); });
  new ResizeObserver(() => { if (view.episode && !$("episode").hidden) showStage(); }).observe($("stage"));
}

showSummary();
showLatency();
showFilters();
listen();
route();
