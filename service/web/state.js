// What is being looked for, and its one written form: the query of the page's and the API's URL.

export const FACETS = ["condition", "make", "body_type"];
export const SINGLES = [
  "q", "zip", "radius", "price_min", "price_max", "year_min", "year_max", "sort", "page",
];

// A comma separates values, so one inside of a value is written with a backslash.
const escaped = (value) => value.replace(/[\\,]/g, "\\$&");

function values(text) {
  const parts = text.match(/(?:[^,\\]|\\.)+/gs) ?? [];
  return parts.map((part) => part.replace(/\\([\\,])/g, "$1").trim());
}

export function fromQuery(query) {
  const given = new URLSearchParams(query);
  const state = {};
  for (const name of SINGLES) state[name] = given.get(name) ?? "";
  for (const name of FACETS) state[name] = [...new Set(given.getAll(name).flatMap(values))];
  return state;
}

export function toQuery(state) {
  const query = new URLSearchParams();
  for (const name of SINGLES) {
    if (state[name] && sent(state, name)) query.set(name, state[name]);
  }
  for (const name of FACETS) {
    for (const value of state[name]) query.append(name, escaped(value));
  }
  return query.toString();
}

// A radius and the order by distance mean something only with a place.
function sent(state, name) {
  if (name === "page") return state.page !== "1";
  if (name === "radius" || (name === "sort" && state.sort === "distance")) return state.zip !== "";
  return true;
}

const number = (n) => Number(n).toLocaleString("en-US");
const RANGES = { price: (n) => `$${number(n)}`, mileage: (n) => `${number(n)} mi`, year: String };

// How the bounds of a range read; nothing where it has none.
function span(name, values) {
  const [least, most] = [values[`${name}_min`], values[`${name}_max`]].map((n) => n && RANGES[name](n));
  if (least && most) return least === most ? least : `${least} – ${most}`;
  if (least) return `${least} and up`;
  return most ? `Up to ${most}` : "";
}

// How a value of a facet reads; a mark before it leaves it out.
const named = (value) => (value.startsWith("!") ? `Not ${value.slice(1)}` : value);

// The values with one of them left out, or no longer.
export function toggleOut(values, value) {
  const out = `!${value}`;
  const others = values.filter((one) => one !== value && one !== out);
  return values.includes(out) ? others : [...others, out];
}

function near(values, place) {
  const where = place ? `${place.city}, ${place.state}` : values.zip;
  return values.radius ? `Within ${values.radius} ${values.unit ?? "mi"} of ${where}` : `From ${where}`;
}

// Every filter in use: how it reads, and the state without it.
export function filtersOf(state, meta) {
  const without = (changes) => ({ ...state, page: "", ...changes });
  const found = meta?.words ? meta.words.filter(told).map((word) => ({
    label: labelOf(word),
    words: word.words,
    rest: without({ q: word.without ?? "" }),
    text: word.as_text && { words: word.words, rest: without({ q: word.as_text }) },
  })) : state.q ? [{ label: `“${state.q}”`, names: ["q"], rest: without({ q: "" }) }] : [];
  if (state.zip) found.push({ label: near(state, meta?.applied.place), names: ["radius"], rest: without({ zip: "", radius: "" }) });
  for (const name of ["price", "year"]) {
    const label = span(name, state);
    const names = [`${name}_min`, `${name}_max`];
    if (label) found.push({ label, names, rest: without(Object.fromEntries(names.map((one) => [one, ""]))) });
  }
  for (const name of FACETS) {
    for (const value of state[name]) {
      found.push({ label: named(value), names: [name], rest: without({ [name]: state[name].filter((v) => v !== value) }) });
    }
  }
  return found;
}

// What to do where nothing matches, as the API hints: how it reads, how many cars it brings, and the state.
export function waysOut(state, filters, { applied, hints: { drop, drop_both, spelling, nearest } }) {
  const ways = spelling ? [{ label: `Look for “${spelling.q}”`, total: spelling.total, rest: { ...state, page: "", q: spelling.q } }] : [];
  if (nearest?.values.every(({ parameter }) => FACETS.includes(parameter))) {
    const meant = (name, value) => nearest.values.find((one) => one.parameter === name && one.value === value)?.nearest ?? value;
    const rest = { ...state, page: "" };
    for (const name of new Set(nearest.values.map(({ parameter }) => parameter))) {
      const out = state[name].filter((value) => value.startsWith("!"));
      rest[name] = [...new Set(applied[name].map((value) => meant(name, value))), ...out];
    }
    ways.push({ label: `Look for ${nearest.values.map((one) => one.nearest).join(", ")}`, total: nearest.total, rest });
  }
  for (const { parameters = [], words = [], q, total } of drop_both ? [drop_both] : drop) {
    const meant = filters.filter((one) => one.names?.some((name) => parameters.includes(name)) || [words].flat().includes(one.words));
    const rest = { ...state, page: "", ...(q === undefined ? {} : { q }) };
    for (const name of parameters) rest[name] = FACETS.includes(name) ? [] : "";
    if (meant.length) ways.push({ label: `Drop: ${meant.map(({ label }) => label).join(", ")}`, total, rest });
  }
  return ways;
}

// Whether words of the query did something, or would have: `cars` does nothing.
const told = (word) => Object.keys(word.applied).length > 0 || word.overruled || word.needs;

// How words of the query were read.
function labelOf({ words, applied, overruled }) {
  if (applied.q) return `“${words}”`;
  const listed = (values) => (values.length > 2 ? `${values[0]} and ${values.length - 1} more` : values.join(" or "));
  const parts = Object.values(applied).filter(Array.isArray).map(listed);
  parts.push(...Object.values(applied.not ?? {}).map((values) => `Not ${listed(values)}`));
  for (const name of Object.keys(RANGES)) parts.push(span(name, applied));
  if (applied.zip) parts.push(near(applied, applied.place));
  else if (applied.radius) parts.push(`Within ${applied.radius} ${applied.unit}`);
  if (applied.sort) parts.push(`Sorted: ${words}`);
  const label = parts.filter(Boolean).join(", ");
  return label || `“${words}” (${overruled ? "set by another filter" : "needs a ZIP code"})`;
}

const CONTROLS = [...SINGLES, ...FACETS, "unit", "place"];

// What words gave, with what they leave out as the form has it: a mark before each value.
function marked({ applied: { not = {}, ...given } }) {
  const out = Object.entries(not).map(([name, values]) => [name, values.map((value) => `!${value}`)]);
  return { ...given, ...Object.fromEntries(out) };
}

// What words of the query said, as far as the form has controls for it.
export function readValues(words = []) {
  const miles = words.map(marked).filter(({ unit }) => unit !== "km");
  const { q, ...read } = Object.assign({}, ...miles);
  for (const name of FACETS) read[name] = miles.flatMap((given) => given[name] ?? []);
  return Object.fromEntries(CONTROLS.filter((name) => name in read).map((name) => [name, read[name]]));
}

// The words that stay in the query when somebody uses the form, which has taken over the others.
export function wordsBeside(words, form) {
  const stays = (word) => {
    const given = marked(word);
    const names = Object.keys(given);
    if (!names.length) return Boolean(word.needs);
    if (given.q || given.unit === "km") return true;
    const [ours, others] = [true, false].map((is) => names.filter((name) => CONTROLS.includes(name) === is));
    return others.length > 0 && ours.every((name) => form[name]?.length !== 0);
  };
  return words.filter(stays).map((word) => word.words).join(" ");
}
