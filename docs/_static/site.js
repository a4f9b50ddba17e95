// Print with every solution open, on light ground, and put the page back afterwards.
{
  const root = document.documentElement;
  let folded = [], theme;
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((details) => (details.open = true));
    theme = root.dataset.theme;
    root.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    folded.forEach((details) => (details.open = false));
    root.dataset.theme = theme;
  });
}

// Rank a search by all of its words: rare ones count more, those of a page's title twice, and a page
// that lacks some comes later. By itself Sphinx takes the score of one word, and finds no page that
// lacks another.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  const pagesWith = Search.performTermsSearch;
  Search.performTermsSearch = (words, excluded) => {
    if (words.size < 2) return pagesWith(words, excluded);
    const pages = new Map();
    for (const word of words) {
      const found = pagesWith(new Set([word]), excluded);
      const rarity = Math.log2(1 + Search._index.docnames.length / found.length);
      for (const result of found) {
        const [name, title, , , score] = result;
        const page = pages.get(name) ?? { result, score: 0, words: 0 };
        page.score += rarity * score * (title.toLowerCase().includes(word) ? 2 : 1);
        page.words += 1;
        pages.set(name, page);
      }
    }
    return [...pages.values()].map(({ result, score, words: has }) =>
      Object.assign([...result], { 4: score * (has / words.size) ** 2 }));
  };
});

// Copy the page's Markdown, which stands in the page: from disk nothing can be fetched.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.(".copy-page");
  if (!button) return;
  await navigator.clipboard.writeText(JSON.parse(document.querySelector(".page-markdown").textContent));
  const text = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = text), 1500);
});
