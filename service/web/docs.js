// Shows /openapi.json: every route with its parameters, answers and errors, and a form to try it.

import { send } from "./docs_try.js";

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const json = (value) => make("pre", { textContent: JSON.stringify(value, null, 2), tabIndex: 0 });

/** A schema in a few words: its type, its values or bounds. */
function kind(schema) {
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.type === "array") return `several: ${kind(schema.items)}`;
  const bounds = [
    ["from", schema.minimum], ["above", schema.exclusiveMinimum], ["to", schema.maximum],
    ["at most", schema.maxLength && `${schema.maxLength} characters`],
    ["like", schema.pattern && schema.pattern.length < 60 && schema.pattern !== "\\S" && schema.pattern],
  ];
  const told = bounds.filter(([, value]) => value !== undefined && value !== false);
  return [schema.type ?? "any", ...told.map(([word, value]) => `${word} ${value}`)].join(" ");
}

const shownExample = (parameter) => parameter.example ?? parameter.schema.examples?.[0];

/** A row for a parameter; its input is part of the form that tries the route. */
function parameterRow(parameter, form) {
  const example = shownExample(parameter);
  const input = make("input", { name: parameter.name, required: parameter.required ?? false });
  input.setAttribute("aria-label", parameter.name);
  input.setAttribute("form", form);
  input.dataset.in = parameter.in;
  if (parameter.required && example !== undefined) input.value = String(example);
  else if (example !== undefined) input.placeholder = [example].flat().join(",");
  return make("tr", {},
    make("td", {}, make("code", { textContent: parameter.name })),
    make("td", { textContent: parameter.description ?? parameter.schema.description ?? "" }),
    make("td", { className: "quiet", textContent: kind(parameter.schema) }),
    make("td", {}, input));
}

function parameterTable(operation, form) {
  const head = ["Name", "What it is", "Values", "Try"].map((text) => make("th", { textContent: text }));
  const rows = operation.parameters.map((parameter) => parameterRow(parameter, form));
  return make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows));
}

function answers(operation) {
  return Object.entries(operation.responses).map(([status, response]) => {
    const [type, body] = Object.entries(response.content ?? {})[0] ?? [];
    const examples = body?.examples ? Object.values(body.examples).map((one) => one.value) : [body?.example];
    const told = `${response.description}${type ? ` (${type})` : ""}`;
    return make("details", {},
      make("summary", {}, make("strong", { textContent: status }), ` ${told}`),
      ...examples.filter((one) => one !== undefined).map(json));
  });
}

function tryForm(path, method, operation, id) {
  const form = make("form", { id });
  if (operation.security) {
    const key = make("input", { type: "password", name: "key", autocomplete: "off" });
    form.append(make("label", {}, "Admin key ", key));
  }
  const example = operation.requestBody?.content["application/json"].example;
  if (example !== undefined) {
    const body = make("textarea", { name: "body", value: JSON.stringify(example, null, 2), spellcheck: false });
    form.append(make("label", {}, "Body", body));
  }
  const shown = make("div", { className: "answer" });
  shown.setAttribute("role", "status");
  form.append(make("div", {}, make("button", { type: "submit", textContent: "Send" })), shown);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    shown.replaceChildren(...(await send(path, method, form)).map((text) => make("pre", { textContent: text, tabIndex: 0 })));
  });
  return form;
}

function route(path, method, operation) {
  const form = `try-${operation.operationId}`;
  const inside = [];
  if (operation.description) inside.push(make("p", { textContent: operation.description }));
  if (operation.security) inside.push(make("p", { className: "quiet", textContent: "Needs the admin key." }));
  if (operation.parameters.length) inside.push(make("h3", { textContent: "Parameters" }), parameterTable(operation, form));
  inside.push(make("h3", { textContent: "Try it" }), tryForm(path, method, operation, form));
  inside.push(make("h3", { textContent: "Answers" }), ...answers(operation));
  const title = make("summary", {},
    make("span", { className: "method", textContent: method.toUpperCase() }), " ",
    make("code", { textContent: path }), " ",
    make("span", { className: "quiet", textContent: operation.summary }));
  const element = make("details", { className: "route", id: operation.operationId }, title, make("div", {}, ...inside));
  const names = operation.parameters.map((one) => one.name);
  element.dataset.words = [path, operation.summary, ...names].join(" ").toLowerCase();
  return element;
}

function show(description) {
  document.getElementById("about").textContent = description.info.description;
  const byTag = new Map();
  for (const [path, methods] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (method === "head") continue; // as `get`, which is shown
      const [tag] = operation.tags;
      byTag.set(tag, [...(byTag.get(tag) ?? []), route(path, method, operation)]);
    }
  }
  const main = document.getElementById("routes");
  for (const [tag, routes] of byTag) {
    main.append(make("section", {}, make("h2", { textContent: tag[0].toUpperCase() + tag.slice(1) }), ...routes));
  }
  if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
}

function find(words) {
  for (const element of document.querySelectorAll(".route")) {
    element.hidden = !words.toLowerCase().split(" ").every((word) => element.dataset.words.includes(word));
  }
  for (const section of document.querySelectorAll(".docs section")) {
    section.hidden = !section.querySelector(".route:not([hidden])");
  }
}

document.getElementById("find").addEventListener("input", (event) => find(event.target.value));
try {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  show(await answer.json());
} catch (error) {
  document.getElementById("about").textContent = `The description cannot be read (${error.message}).`;
}
