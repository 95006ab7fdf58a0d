// What somebody may mean who is still typing: a list below the search box (ARIA 1.2, combobox).

const SHOWN = 8;
const KINDS = { make: "Make", model: "Model", dealer: "Dealer", place: "Near", query: "Search" };

const whole = new Intl.NumberFormat("en-US");

function marked({ text, matched }) {
  if (!matched) return text;
  const mark = document.createElement("mark");
  mark.textContent = text;
  return mark;
}

function said(className, textContent) {
  return Object.assign(document.createElement("span"), { className, textContent });
}

function option(suggestion, number) {
  const made = Object.assign(document.createElement("li"), { id: `suggestion-${number}` });
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  const text = said("text", "");
  text.append(...suggestion.parts.map(marked));
  made.append(text, said("kind", KINDS[suggestion.kind] ?? suggestion.kind));
  if (suggestion.count !== null) made.append(said("count", whole.format(suggestion.count)));
  return made;
}

// `choose` is given the suggestion that somebody picks.
export function suggestBelow(input, list, address, choose) {
  let shown = [];
  let active = -1;
  let running = new AbortController();

  function close() {
    running.abort();
    shown = [];
    active = -1;
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function open(suggestions) {
    if (!suggestions.length) return close();
    shown = suggestions;
    active = -1;
    list.replaceChildren(...suggestions.map(option));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
  }

  function move(step) {
    list.children[active]?.setAttribute("aria-selected", "false");
    // One place beside the options is none of them: there Enter searches for the text.
    active = (active + 1 + step + shown.length + 1) % (shown.length + 1) - 1;
    const chosen = list.children[active];
    if (!chosen) return input.removeAttribute("aria-activedescendant");
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", chosen.id);
  }

  function pick(number) {
    const chosen = shown[number];
    close();
    choose(chosen);
  }

  async function ask() {
    running.abort();
    const text = input.value.trim();
    if (!text) return close();
    running = new AbortController();
    const { signal } = running;
    try {
      const query = new URLSearchParams({ q: text, limit: SHOWN });
      const response = await fetch(`${address}?${query}`, { signal });
      const { data } = await response.json();
      if (!signal.aborted && document.activeElement === input) open(data);
    } catch {
      if (!signal.aborted) close(); // typing goes on without
    }
  }

  input.addEventListener("input", ask);
  input.addEventListener("blur", close);
  input.addEventListener("search", close);
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key === "ArrowDown" && !shown.length) ask();
    else if (!shown.length) return;
    else if (event.key in steps) move(steps[event.key]);
    else if (event.key === "Enter" && active >= 0) pick(active);
    else if (event.key === "Enter") return close();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  // Before the box loses the focus, which closes the list.
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const number = [...list.children].indexOf(event.target.closest("li"));
    if (number >= 0) pick(number);
  });
}
