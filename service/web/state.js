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

// Every filter in use: how it reads, and the state without it.
export function filtersOf(state, place) {
  const without = (changes) => ({ ...state, page: "", ...changes });
  const found = [];
  if (state.q) found.push({ label: `“${state.q}”`, rest: without({ q: "" }) });
  if (state.zip) {
    const where = place ? `${place.city}, ${place.state}` : state.zip;
    const label = state.radius ? `Within ${state.radius} mi of ${where}` : `From ${where}`;
    found.push({ label, rest: without({ zip: "", radius: "" }) });
  }
  for (const [name, write] of [["price", (n) => `$${Number(n).toLocaleString("en-US")}`], ["year", String]]) {
    const [least, most] = [state[`${name}_min`], state[`${name}_max`]];
    const rest = without({ [`${name}_min`]: "", [`${name}_max`]: "" });
    if (least && most) found.push({ label: `${write(least)} – ${write(most)}`, rest });
    else if (least) found.push({ label: `${write(least)} and up`, rest });
    else if (most) found.push({ label: `Up to ${write(most)}`, rest });
  }
  for (const name of FACETS) {
    for (const value of state[name]) {
      found.push({ label: value, rest: without({ [name]: state[name].filter((v) => v !== value) }) });
    }
  }
  return found;
}
