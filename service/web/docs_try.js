// Sends what the form of a route holds, and tells what came back.

const MOST_SHOWN = 100_000; // characters of an answer

/** The address with the form's values in it; a parameter that is empty is left out. */
function address(path, form) {
  const query = new URLSearchParams();
  let filled = path;
  for (const input of form.elements) {
    if (input.dataset.in === "path") filled = filled.replace(`{${input.name}}`, encodeURIComponent(input.value));
    if (input.dataset.in === "query" && input.value !== "") query.append(input.name, input.value);
  }
  return query.size ? `${filled}?${query}` : filled;
}

/** Texts to show: what was asked, and the answer's status, time and body. */
export async function send(path, method, form) {
  const url = address(path, form);
  const headers = {};
  const key = form.elements.namedItem("key")?.value;
  if (key) headers.Authorization = `Bearer ${key}`;
  const body = form.elements.namedItem("body")?.value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const asked = `${method.toUpperCase()} ${url}`;
  const began = performance.now();
  try {
    const answer = await fetch(url, { method, headers, body });
    const text = await answer.text();
    const took = Math.round(performance.now() - began);
    return [asked, `${answer.status}, ${took} ms`, pretty(answer, text).slice(0, MOST_SHOWN)];
  } catch (error) {
    return [asked, `There is no answer (${error.message}).`];
  }
}

function pretty(answer, text) {
  const json = /json/.test(answer.headers.get("content-type") ?? "");
  return json && text ? JSON.stringify(JSON.parse(text), null, 2) : text;
}
