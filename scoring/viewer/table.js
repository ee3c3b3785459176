/* The run: numbers, filters, and the table of episodes. The filters live in the address, after `#?`. */

const COLUMNS = [
  { key: "task", name: "task", value: (e) => [e.task, String(e.seed).padStart(6, "0"), String(e.repeat).padStart(4, "0"), e.name].join(" ") },
  { key: "outcome", name: "outcome", value: (e) => ["passed", "failed", "agent_fault", "void", "stopped"].indexOf(kind(e)) },
  { key: "score", name: "score", number: true, value: (e) => e.score ?? -1 },
  { key: "steps", name: "steps", number: true, value: (e) => e.steps },
  { key: "seconds", name: "time", number: true, value: (e) => e.seconds },
  { key: "model", name: "model", number: true, wide: true, value: (e) => e.model_seconds },
  { key: "cost", name: "cost", number: true, wide: true, value: (e) => e.usd ?? -1 },
  { key: "why", name: "why", value: (e) => e.why },
];

const filters = { q: "", outcome: "", app: "", sort: "task", down: false };
let rows = [];
let chosen = 0;

const texts = new Map(data.episodes.map((e) => [e.name, [
  e.task, e.name, e.agent, e.goal, e.why, e.reason, e.answer, e.apps.join(" "),
  ...e.turns.flatMap((t) => [t.intent, t.thought, t.words, t.refused]),
  ...e.verdicts.flatMap((v) => [v.check, v.actual]),
].join("\n").toLowerCase()]));

function readFilters(query) {
  const given = new URLSearchParams(query);
  filters.q = given.get("q") ?? "";
  filters.outcome = given.get("outcome") ?? "";
  filters.app = given.get("app") ?? "";
  const sort = given.get("sort") ?? "task";
  filters.down = sort.startsWith("-");
  filters.sort = COLUMNS.some((c) => c.key === sort.replace("-", "")) ? sort.replace("-", "") : "task";
}

function filterAddress() {
  const set = new URLSearchParams();
  if (filters.q) set.set("q", filters.q);
  if (filters.outcome) set.set("outcome", filters.outcome);
  if (filters.app) set.set("app", filters.app);
  if (filters.sort !== "task" || filters.down) set.set("sort", (filters.down ? "-" : "") + filters.sort);
  const query = set.toString();
  return query ? `#?${query}` : "#";
}

function refilter(change) {
  Object.assign(filters, change);
  history.replaceState(null, "", filterAddress());
  showTable();
}

/* The episodes that match, in order: also what j and k go through. */
function matching() {
  const words = filters.q.toLowerCase().split(/\s+/).filter(Boolean);
  const column = COLUMNS.find((c) => c.key === filters.sort);
  const found = data.episodes.filter((e) =>
    (!filters.outcome || kind(e) === filters.outcome) &&
    (!filters.app || e.apps.includes(filters.app)) &&
    words.every((word) => texts.get(e.name).includes(word)));
  const way = filters.down ? -1 : 1;
  return found.sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    const order = x < y ? -1 : x > y ? 1 : 0;
    return order ? order * way : COLUMNS[0].value(a) < COLUMNS[0].value(b) ? -1 : 1;
  });
}

function showSummary() {
  const run = data.run;
  $("run-title").textContent = `${run.suite} by ${run.agent} on ${run.desktop}`;
  $("summary").replaceChildren(...data.summary.map(([name, value]) =>
    make("div", {}, make("div", { class: "name" }, name), make("div", { class: "value" }, value))));
}

/* The means of a step's parts, as lengths and in words. */
function showLatency() {
  const parts = Object.entries(data.latency).filter(([, seconds]) => seconds !== null);
  $("latency").hidden = !parts.length;
  $("latency").replaceChildren(make("div", { class: "name" }, "a step's time, mean"),
    make("div", { class: "split", "aria-hidden": true }, parts.map(([part, seconds]) => {
      const piece = make("i", { class: part });
      piece.style.flexGrow = seconds * 1000;
      return piece;
    })),
    make("div", { class: "key" }, parts.map(([part, seconds]) => make("span", {}, make("i", { class: part }), `${part} ${span(seconds)}`))));
}

function showFilters() {
  const there = new Set(data.episodes.map(kind));
  const kinds = Object.keys(WORDS).filter((word) => there.has(word));
  $("outcomes").replaceChildren(...["", ...kinds].map((word) =>
    make("button", { type: "button", "data-outcome": word, onclick: () => refilter({ outcome: word }) }, WORDS[word] ?? "all")));
  const apps = [...new Set(data.episodes.flatMap((e) => e.apps))].sort();
  $("apps").replaceChildren(make("option", { value: "" }, "all apps"), ...apps.map((app) => make("option", { value: app }, app)));
  $("apps").hidden = apps.length < 2;
  $("table").tHead.replaceChildren(make("tr", {}, COLUMNS.map((column) =>
    make("th", { scope: "col", "data-key": column.key, class: column.number && "number" },
      make("button", { type: "button", onclick: () => resort(column.key) }, column.name)))));
  $("search").addEventListener("input", () => refilter({ q: $("search").value }));
  $("apps").addEventListener("change", () => refilter({ app: $("apps").value }));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("clear").addEventListener("click", () => refilter({ q: "", outcome: "", app: "" }));
}

function resort(key) {
  const column = COLUMNS.find((c) => c.key === key);
  refilter(filters.sort === key ? { down: !filters.down } : { sort: key, down: Boolean(column.number) });
}

function showTable() {
  rows = matching();
  chosen = Math.max(0, Math.min(chosen, rows.length - 1));
  if ($("search").value !== filters.q) $("search").value = filters.q;
  $("apps").value = filters.app;
  for (const button of $("outcomes").children) button.setAttribute("aria-pressed", button.dataset.outcome === filters.outcome);
  for (const head of $("table").tHead.rows[0].cells) {
    if (head.dataset.key === filters.sort) head.setAttribute("aria-sort", filters.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  $("shown").textContent = rows.length === data.episodes.length ? `${rows.length} episodes` : `${rows.length} of ${data.episodes.length}`;
  $("none").hidden = rows.length > 0;
  $("table").tBodies[0].replaceChildren(...rows.map(row));
  choose(chosen);
}

function row(episode, index) {
  const repeat = data.run.repeats > 1 ? `.${episode.repeat}` : "";
  const seed = data.run.seeds.length > 1 || repeat ? ` seed ${episode.seed}${repeat}` : "";
  const player = episode.agent === data.run.agent ? "" : ` ${episode.agent}`;
  const solved = episode.solution_steps ? ` / ${episode.solution_steps}` : "";
  const word = WORDS[kind(episode)] + (episode.counted ? "" : ", superseded");
  const cells = [
    make("td", { class: player.length > 24 ? "task long" : "task" }, make("span", { class: `dot ${kind(episode)}` }), make("a", { href: address(episode) }, episode.task + seed + player)),
    make("td", { class: "word" }, word),
    make("td", { class: "number", "data-name": "score" }, episode.score === null ? "–" : String(+episode.score.toFixed(2))),
    make("td", { class: "number", "data-name": "steps", title: "steps / the solution's" }, `${episode.steps}${solved}`),
    make("td", { class: "number wide" }, span(episode.seconds)),
    make("td", { class: "number wide" }, episode.model_seconds ? span(episode.model_seconds) : "–"),
    make("td", { class: "number wide" }, episode.usd === null ? "–" : `$${episode.usd.toFixed(2)}`),
    make("td", { class: "why" }, episode.why),
  ];
  return make("tr", {
    class: episode.counted ? null : "old",
    onclick: (event) => { if (!event.target.closest("a")) location.hash = address(episode); },
    onmousedown: () => choose(index),
  }, cells);
}

function choose(index) {
  const all = $("table").tBodies[0].rows;
  chosen = Math.max(0, Math.min(index, all.length - 1));
  for (const [place, each] of [...all].entries()) each.setAttribute("aria-selected", place === chosen);
  all[chosen]?.scrollIntoView({ block: "nearest" });
}

const address = (episode, step) => `#${encodeURIComponent(episode.name)}${step ? `/${step}` : ""}`;
