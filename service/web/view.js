// Answers as elements. Every text comes in as text, never as HTML.

import { showHistogram } from "./histogram.js";
import { FACETS, filtersOf, readValues, toQuery, waysOut } from "./state.js";

const METRES_IN_A_MILE = 1609.344;
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD", maximumFractionDigits: 0 });

export const byId = (id) => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const counted = (number, one, many) => `${whole.format(number)} ${number === 1 ? one : many}`;

function miles(metres) {
  const distance = metres / METRES_IN_A_MILE;
  return `${(distance < 10 ? tenths : whole).format(distance)}\u00a0mi\u00a0away`;
}

function webAddress(text) {
  return /^https?:\/\//i.test(text ?? "") ? text : null;
}

function card(listing) {
  const made = byId("card").content.cloneNode(true);
  made.querySelector("li").dataset.key = listing.id;
  const title = listing.title ?? [listing.year, listing.make, listing.model].filter(Boolean).join(" ");
  const photo = made.querySelector("img");
  photo.addEventListener("error", () => { photo.src = "/web/no-photo.svg"; photo.alt = ""; }, { once: true });
  const source = webAddress(listing.photos?.[0]);
  photo.src = source ?? "/web/no-photo.svg";
  photo.alt = source ? `Photo of ${title}` : "";
  const link = webAddress(listing.url);
  made.querySelector("h2").append(
    link ? element("a", { href: link, rel: "noopener noreferrer", textContent: title }) : title,
  );
  made.querySelector("strong").textContent = listing.price == null ? "Ask for price" : dollars.format(listing.price);
  if (listing.price_drop) made.querySelector(".drop").textContent = `${dollars.format(listing.price_drop)} less`;
  const used = listing.mileage == null ? "Mileage not given" : `${whole.format(listing.mileage)} mi`;
  made.querySelector(".use").textContent = [listing.condition, used].filter(Boolean).join(" · ");
  made.querySelector(".seller").textContent = [
    listing.dealer?.name,
    [listing.city, listing.state].filter(Boolean).join(", "),
    listing.distance == null ? null : miles(listing.distance),
  ].filter(Boolean).join(" · ");
  return made;
}

// Values stand in the order of their names, so that nothing moves from under the pointer.
export function showValues(name, values, leaveOut) {
  const rows = values.toSorted((a, b) => a.label.localeCompare(b.label)).map(({ value, label, count, selected, excluded }) => {
    const box = element("input", { type: "checkbox", name, value, id: `${name}:${value}`, checked: selected === true });
    const number = element("span", { className: "count", textContent: whole.format(count) });
    const not = element("button", { type: "button", className: "not", textContent: "−", id: `${name}:not:${value}`, onclick: () => leaveOut(name, value) });
    not.title = excluded ? "No longer leave out" : "Leave out";
    not.setAttribute("aria-label", `Leave out ${label}`);
    not.setAttribute("aria-pressed", String(excluded === true));
    return element("li", { className: excluded ? "out" : "" }, element("label", {}, box, element("span", { textContent: label }), number), not);
  });
  byId(name).replaceChildren(...rows);
}

export function showForm(state) {
  for (const control of byId("search").elements) {
    if (control.name in state && control.type !== "checkbox") control.value = state[control.name];
  }
  if (!state.zip && !state.radius) byId("radius").value = "50";
  byId("sort").querySelector("[value=distance]").disabled = !state.zip;
}

// What words of the query were read as, beside what is in the form by itself.
function showRead(state, read) {
  for (const control of byId("search").elements) {
    const value = control.name in read && !FACETS.includes(control.name) && !state[control.name] ? String(read[control.name]) : "";
    if (!value || control === document.activeElement) continue;
    const listed = control.options && [...control.options].some((option) => option.value === value);
    if (control.options && !listed) control.add(new Option(`${value} miles`, value));
    control.value = value;
  }
  byId("sort").querySelector("[value=distance]").disabled = !state.zip && !read.zip;
}

function showPrices(spans, { price_min: least, price_max: most }) {
  const tell = ({ min, max, count }) => {
    const span = max === Infinity ? `${dollars.format(min)} and up` : `${dollars.format(min)} – ${dollars.format(max)}`;
    return `${span}: ${counted(count, "car", "cars")}`;
  };
  showHistogram(byId("prices"), spans, { least: least ?? 0, most: most ?? Infinity }, tell);
}

// How many cars each choice of a distance has, where there is a place.
function showRings(rings) {
  const known = new Map(rings.map(({ radius, count }) => [String(radius), whole.format(count)]));
  for (const option of byId("radius").options) {
    if (!option.value) continue;
    const count = known.get(option.value);
    option.textContent = `${option.value} miles${count ? ` · ${count}` : ""}`;
  }
}

function showChips(filters, open) {
  const chips = filters.map(({ label, rest, text }) => {
    const button = element("button", { type: "button", textContent: label, onclick: () => open(rest) });
    button.setAttribute("aria-label", `Remove ${label}`);
    if (!text) return element("li", {}, button);
    const words = element("button", { type: "button", className: "words", textContent: `“${text.words}”`, onclick: () => open(text.rest) });
    words.title = "Look for these words instead";
    words.setAttribute("aria-label", `Look for the words ${text.words} instead`);
    return element("li", {}, button, words);
  });
  if (filters.length > 1) {
    chips.push(element("li", {}, element("button", { type: "button", className: "all", textContent: "Clear all", onclick: () => open(null) })));
  }
  byId("chips").replaceChildren(...chips);
  byId("filter-count").textContent = filters.length ? `(${filters.length})` : "";
}

function showPages(state, meta) {
  const at = (page) => `/?${toQuery({ ...state, page: String(page) })}`;
  byId("pages").hidden = meta.pages < 2;
  byId("position").textContent = `Page ${whole.format(meta.page)} of ${whole.format(meta.pages)}`;
  for (const [id, page] of [["previous", meta.page - 1], ["next", meta.page + 1]]) {
    if (page >= 1 && page <= meta.pages) byId(id).href = at(page);
    else byId(id).removeAttribute("href");
  }
}

function showMessage(sentence, choices = [], wrong = false) {
  const box = byId("message");
  box.classList.toggle("wrong", wrong);
  const buttons = choices.map(({ label, act }) => element("button", { type: "button", textContent: label, onclick: act }));
  box.replaceChildren(...(sentence ? [element("p", { textContent: sentence }), ...buttons] : []));
}

function showEmpty(state, filters, meta, open) {
  if (meta.total > 0 && meta.page > meta.pages) {
    showMessage("There are no more pages.", [{ label: "Go to the first page", act: () => open({ page: "" }) }]);
  } else if (filters.length) {
    const ways = waysOut(state, filters, meta).map(({ label, total, rest }) => ({
      label: `${label} (${counted(total, "car", "cars")})`, act: () => open(rest),
    }));
    showMessage("No car matches all of this.", [...ways, { label: "Clear all", act: () => open(null) }]);
  } else {
    showMessage("There are no cars here yet. They appear as soon as the first source has been read.");
  }
}

export function showAnswer(state, answer, open, leaveOut) {
  const { data, meta, facets, ranges } = answer;
  const focused = document.activeElement?.id;
  const filters = filtersOf(state, meta);
  const read = readValues(meta.words);
  byId("total").textContent = counted(meta.total, "car", "cars");
  document.title = `${counted(meta.total, "car", "cars")} · Showroom`;
  byId("zip-note").textContent = meta.applied.place ? `${meta.applied.place.city}, ${meta.applied.place.state}` : "";
  for (const name of FACETS) showValues(name, facets[name] ?? [], leaveOut);
  showRead(state, read);
  for (const [name, { min, max }] of Object.entries(ranges)) {
    if (byId(`${name}_min`)) [byId(`${name}_min`).placeholder, byId(`${name}_max`).placeholder] = [min ?? "", max ?? ""];
  }
  showPrices(ranges.price.histogram, meta.applied);
  showRings((answer.rings ?? []).filter(({ unit }) => unit === "mi"));
  showChips(filters, open);
  byId("cards").replaceChildren(...data.map(card));
  if (data.length) showMessage("");
  else showEmpty(state, filters, meta, open);
  showPages(state, meta);
  showWrong(null);
  if (focused && document.activeElement?.id !== focused) byId(focused)?.focus();
}

function showWrong(parameter) {
  for (const control of byId("search").elements) {
    if (control.name && control.name === parameter) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
}

// A parameter's fault keeps the results that are there; they answer the search before it.
export function showProblem(state, problem, open, retry) {
  showWrong(problem.parameter);
  showChips(filtersOf(state), open);
  const choices = problem.parameter ? [] : [{ label: "Try again", act: retry }];
  showMessage(problem.detail, choices, true);
}
