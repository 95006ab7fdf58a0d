// Which results people open, told to the API; nothing waits for it.

const ADDRESS = "/api/v1/events";

let answered = { query_id: null, first: 1 };

// The answer that the cards on the page are from.
export function remember({ query_id, page, per_page }) {
  answered = { query_id, first: (page - 1) * per_page + 1 };
}

// Tell of clicks on the links of `cards`, whose elements have the listing's key.
export function tellClicks(cards) {
  const tell = (event) => {
    const card = event.target.closest("a[href]")?.closest("[data-key]");
    if (!card || !answered.query_id || (event.type === "auxclick" && event.button !== 1)) return;
    const position = answered.first + [...cards.children].indexOf(card);
    const clicked = { kind: "click", key: card.dataset.key, position };
    navigator.sendBeacon(ADDRESS, JSON.stringify({ query_id: answered.query_id, events: [clicked] }));
  };
  cards.addEventListener("click", tell);
  cards.addEventListener("auxclick", tell);
}
