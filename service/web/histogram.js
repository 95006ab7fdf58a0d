// A histogram as bars, in units of its own: CSS says how large it is.

const MOST_BARS = 36;
const SVG = "http://www.w3.org/2000/svg";

// Neighboring spans together, so many that the bars can be told apart.
function grouped(spans) {
  const each = Math.ceil(spans.length / MOST_BARS);
  const groups = [];
  for (let at = 0; at < spans.length; at += each) {
    const group = spans.slice(at, at + each);
    groups.push({
      min: group[0].min,
      max: group.at(-1).max ?? Infinity,
      count: group.reduce((sum, span) => sum + span.count, 0),
    });
  }
  return groups;
}

function svgElement(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Bars of what is between `least` and `most` stand out; `tell` says in words what a bar is.
export function showHistogram(svg, spans, { least, most }, tell) {
  const bars = grouped(spans);
  const highest = Math.max(...bars.map(({ count }) => count));
  svg.toggleAttribute("hidden", bars.length < 2);
  svg.setAttribute("viewBox", `0 0 ${bars.length} 1`);
  svg.replaceChildren(...bars.map((bar, at) => {
    const height = bar.count ? Math.max(bar.count / highest, 0.04) : 0;
    const chosen = bar.max >= least && bar.min <= most;
    const made = svgElement("rect", {
      x: at + 0.08, y: 1 - height, width: 0.84, height, class: chosen ? "chosen" : "",
    });
    const title = svgElement("title", {});
    title.textContent = tell(bar);
    made.append(title);
    return made;
  }));
}
