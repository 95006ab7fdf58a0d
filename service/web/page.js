// The page: what is typed or ticked becomes the URL, and the URL becomes one request to the API.

import { remember, tellClicks } from "./events.js";
import { FACETS, SINGLES, fromQuery, readValues, toQuery, toggleOut, wordsBeside } from "./state.js";
import { suggestBelow } from "./suggest.js";
import { byId, showAnswer, showForm, showProblem, showValues } from "./view.js";

const TYPING_PAUSE = 250; // milliseconds
const WANTED = [...FACETS, "price", "year", "rings"].join(",");
const AWAY = { detail: "Showroom cannot be reached. Is it running?" };
const form = byId("search");
const finders = form.querySelectorAll(".find");

let state = fromQuery(location.search);
let running = new AbortController();
let finding = new AbortController();
let typing = 0;
let answered = { q: "", words: [] }; // the query of the answer that is shown, and how it was read

// What the form shows, with what words of the query were read as, which becomes the form's own.
function fromForm() {
  const data = new FormData(form);
  const read = {};
  const said = readValues(answered.words);
  for (const name of SINGLES) read[name] = (data.get(name) ?? "").trim();
  for (const name of FACETS) read[name] = chosen(name, data.getAll(name), [...state[name], ...said[name]]);
  if (read.q === answered.q) read.q = wordsBeside(answered.words, read);
  return read;
}

// The values that are ticked, with those left out, and those that are not shown while others are looked for.
function chosen(name, ticked, before) {
  const looking = [...finders].some((field) => field.dataset.facet === name && field.value);
  const stays = (value) => (value.startsWith("!") ? !ticked.includes(value.slice(1)) : looking && !byId(`${name}:${value}`));
  return [...new Set([...ticked, ...before.filter(stays)])];
}

async function ask(path, query, signal) {
  const response = await fetch(`/api/v1/listings${path}?${query}`, { signal });
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.detail), { problem: body });
  return body;
}

async function load() {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  byId("cards").setAttribute("aria-busy", "true");
  try {
    const answer = await ask("", [toQuery(state), `facets=${WANTED}`].filter(Boolean).join("&"), signal);
    if (signal.aborted) return;
    remember(answer.meta);
    answered = { q: state.q, words: answer.meta.words ?? [] };
    showAnswer(state, answer, open, leaveOut);
    for (const field of finders) if (field.value) await find(field);
  } catch (error) {
    if (!signal.aborted) showProblem(state, error.problem ?? AWAY, open, load);
  } finally {
    if (!signal.aborted) byId("cards").removeAttribute("aria-busy");
  }
}

// The values of a facet with a word that begins like what is typed.
async function find(field) {
  finding.abort();
  finding = new AbortController();
  const { signal } = finding;
  const query = new URLSearchParams(toQuery({ ...state, sort: "", page: "" }));
  query.set("facet_query", field.value);
  try {
    const { data } = await ask(`/facets/${field.dataset.facet}`, query, signal);
    if (!signal.aborted) showValues(field.dataset.facet, data, leaveOut);
  } catch (error) {
    if (!signal.aborted) showProblem(state, error.problem ?? AWAY, open, load);
  }
}

function leaveOut(name, value) {
  clearTimeout(typing);
  const changed = fromForm();
  open({ ...changed, [name]: toggleOut(changed[name], value), page: "" });
}

// Go to a state: a part of one changes the present one, null clears everything.
function open(changes, { replace = false } = {}) {
  state = changes === null ? fromQuery("") : { ...state, ...changes };
  const query = toQuery(state);
  const address = query ? `/?${query}` : "/";
  if (address !== location.pathname + location.search) {
    history[replace ? "replaceState" : "pushState"](null, "", address);
  }
  showForm(state);
  return load();
}

function search(options) {
  clearTimeout(typing);
  open({ q: byId("q").value.trim(), page: "" }, options);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});

form.addEventListener("change", (event) => {
  if (event.target.id === "q") return search();
  if (!event.target.name) return;
  if (event.target.id === "radius" && !byId("zip").value) return;
  clearTimeout(typing);
  open({ ...fromForm(), page: "" });
});

// While somebody types, the results follow; only the first letter makes a step to go back to.
byId("q").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => search({ replace: state.q !== "" }), TYPING_PAUSE);
});

// Where the form has no control for what is suggested, its text is looked for, and read as words.
suggestBelow(byId("q"), byId("suggestions"), "/api/v1/listings/suggest", ({ text, parameters }) => {
  clearTimeout(typing);
  const known = Object.keys(parameters).every((name) => [...SINGLES, ...FACETS].includes(name));
  const changes = { q: "", page: "", ...(known ? parameters : { q: text }) };
  for (const name in changes) if (SINGLES.includes(name)) changes[name] = String(changes[name]);
  byId("q").value = changes.q;
  open(changes);
});

tellClicks(byId("cards"));

for (const field of finders) {
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  field.addEventListener("input", () => find(field));
}

byId("pages").addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(fromQuery(new URL(link.href).search)).then(() => {
    byId("results").focus({ preventScroll: true });
    scrollTo({ top: 0 });
  });
});

addEventListener("popstate", () => {
  clearTimeout(typing);
  state = fromQuery(location.search);
  showForm(state);
  load();
});

const wide = matchMedia("(min-width: 50.01rem)");
const unfold = () => { byId("filters").open = wide.matches; };
wide.addEventListener("change", unfold);
unfold();
showForm(state);
load();
